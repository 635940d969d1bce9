// Formulas: keras.activations of Keras 3 (https://keras.io/api/layers/activations/).
#include "engine/layers/activation.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/layers/activation_parametric.h"

namespace trainyard {
namespace {

using namespace activations;

/// An activation without arguments.
struct Formula {
  const char* name;
  const char* doc;
  Value (*apply)(Value);
  std::vector<std::string> aliases = {};
};

Value relu6(Value x) { return clip(x, 0, 6); }
Value hard_sigmoid(Value x) { return relu6(x + 3) / 6; }
Value selu(Value x) {
  // Klambauer et al. 2017, "Self-normalizing neural networks", the constants of its appendix.
  return 1.0507009873554805 * elu(x, 1.6732632423543772);
}
Value sparse_plus(Value x) {
  return select(less_equal(x, -1), x * 0.0, select(greater_equal(x, 1), x, square(x + 1) / 4));
}

const std::vector<Formula>& formulas() {
  static const std::vector<Formula> kAll{
      {"exponential", "e to the power of x.", [](Value x) { return exp(x); }},
      {"hard_sigmoid", "A sigmoid made of three straight lines: cheap.", hard_sigmoid},
      {"hard_silu", "SiLU with the hard sigmoid.", [](Value x) { return x * hard_sigmoid(x); }, {"hard_swish"}},
      {"hard_tanh", "x, held between -1 and 1.", [](Value x) { return clip(x, -1, 1); }},
      {"linear", "x as it is.", [](Value x) { return x; }},
      {"log_sigmoid", "The logarithm of the sigmoid.", [](Value x) { return -softplus(-x); }},
      {"mish", "A smooth curve like ReLU that dips slightly below zero.",
       [](Value x) { return x * tanh(softplus(x)); }},
      {"relu6", "ReLU, held below 6.", relu6},
      {"selu", "ELU scaled so that activations keep mean 0 and variance 1.", selu},
      {"sigmoid", "Squeezes any number between 0 and 1.", [](Value x) { return sigmoid(x); }},
      {"silu", "x times its sigmoid.", [](Value x) { return x * sigmoid(x); }, {"swish"}},
      {"softplus", "A smooth ReLU: log(1 + e^x).", [](Value x) { return softplus(x); }},
      {"softsign", "x / (1 + |x|): a gentle tanh.", [](Value x) { return x / (abs(x) + 1); }},
      {"sparse_plus", "A softplus that is exactly 0 below -1.", sparse_plus},
      {"sparse_sigmoid", "A straight line from 0 at -1 to 1 at 1.", [](Value x) { return clip((x + 1) * 0.5, 0, 1); }},
      {"tanh", "Squeezes any number between -1 and 1.", [](Value x) { return tanh(x); }},
      {"tanh_shrink", "x less its tanh.", [](Value x) { return x - tanh(x); }},
  };
  return kAll;
}

class Plain final : public Activation {
 public:
  Plain(const Formula& formula, const ClassInfo& info) : formula_(formula), info_(info) {}
  const ClassInfo& info() const override { return info_; }
  Value apply(Value x) const override { return formula_.apply(x); }

 private:
  const Formula& formula_;
  const ClassInfo& info_;
};

const std::vector<std::unique_ptr<ClassInfo>>& plain_infos() {
  static const auto kInfos = [] {
    std::vector<std::unique_ptr<ClassInfo>> infos;
    for (const Formula& formula : formulas()) {
      auto info = std::make_unique<ClassInfo>();
      info->class_name = formula.name;
      info->family = "activations";
      info->doc = formula.doc;
      info->aliases = formula.aliases;
      info->create = [](const ClassInfo& self) -> std::unique_ptr<Declared> {
        for (const Formula& own : formulas())
          if (own.name == self.class_name) return std::make_unique<Plain>(own, self);
        return nullptr;
      };
      infos.push_back(std::move(info));
    }
    return infos;
  }();
  return kInfos;
}

}  // namespace

const Registry& Activation::registry() {
  static const Registry kRegistry = [] {
    std::vector<const ClassInfo*> infos = activations::parametric_infos();
    for (const auto& info : plain_infos()) infos.push_back(info.get());
    std::sort(infos.begin(), infos.end(),
              [](const ClassInfo* a, const ClassInfo* b) { return a->class_name < b->class_name; });
    return Registry(kGroup, std::move(infos));
  }();
  return kRegistry;
}

Json Activation::print(const Activation& object) {
  const std::unique_ptr<Declared> defaults = object.info().make();
  return object.config() == defaults->config() ? Json(object.info().class_name) : serialize(object, kGroup);
}

Shape Activation::output_shape(const Shape& shape, std::string&) const { return shape; }

ActivationArg::ActivationArg(std::string_view name) {
  const ClassInfo* info = Activation::registry().find(name);
  check(info != nullptr, "a default activation is registered");
  if (info->class_name != "linear")
    activation_ =
        Ref<Activation>(std::static_pointer_cast<const Activation>(std::shared_ptr<const Declared>(info->make())));
}

void ArgTraits<ActivationArg>::describe(ArgSpec& spec) { ArgTraits<Ref<Activation>>::describe(spec); }

namespace {

/// The function of a layer that is one (LeakyReLU()), which Keras takes as an activation too; other values as they are.
Json function_of_layer(const Json& value) {
  static const std::map<std::string, std::string> kFunctions{
      {"ELU", "elu"}, {"LeakyReLU", "leaky_relu"}, {"ReLU", "relu"}, {"Softmax", "softmax"}};
  if (!value.is_object() || !value.contains("class_name") || !value["class_name"].is_string()) return value;
  Json config = value.contains("config") ? value["config"] : Json::object();
  const std::string class_name = value["class_name"].get<std::string>();
  if (class_name == "Activation")
    return config.is_object() && config.contains("activation") ? config["activation"] : value;
  const auto function = kFunctions.find(class_name);
  if (function == kFunctions.end() || !config.is_object()) return value;
  // The defaults of layer and function differ in one case.
  if (class_name == "LeakyReLU" && !config.contains("negative_slope")) config["negative_slope"] = 0.3;
  for (const char* own : {"name", "trainable", "dtype"}) config.erase(own);
  return {{"class_name", function->second}, {"config", std::move(config)}};
}

}  // namespace

bool ArgTraits<ActivationArg>::parse(const Json& given, ActivationArg& result, const ArgSpec& spec,
                                     const ParseContext& context) {
  const Json value = function_of_layer(given);
  Ref<Activation> activation;
  if (!ArgTraits<Ref<Activation>>::parse(value, activation, spec, context)) return false;
  result = activation && activation->info().class_name != "linear" ? ActivationArg(activation) : ActivationArg();
  return true;
}

Json ArgTraits<ActivationArg>::print(const ActivationArg& value) {
  return value.is_linear() ? Json("linear") : Activation::print(*value.get());
}

}  // namespace trainyard

#include "engine/layers/layer.h"

#include <algorithm>

namespace trainyard {
namespace {

/// Product of the known sizes, or kLargestTensor + 1 when it is larger.
int64_t bounded_elements(const Shape& shape) {
  int64_t product = 1;
  for (const int64_t dim : shape) {
    if (dim == kUnknown || dim == 0) continue;
    if (dim < 0 || dim > kLargestTensor / product) return kLargestTensor + 1;
    product *= dim;
  }
  return product;
}

}  // namespace

bool Layer::read_hint(const std::string& hint, const Json& value, const ParseContext& context) {
  if (hint != "autocast") return false;
  ArgTraits<std::optional<bool>>::parse(value, autocast, {}, context);
  return true;
}

void Layer::write_hints(Json& config) const {
  if (autocast) config["autocast"] = *autocast;
}

void ArgTraits<DTypePolicy>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::dtype;
  spec.choices = {"float32", "float64"};
  spec.nullable = true;
}

bool ArgTraits<DTypePolicy>::parse(const Json& value, DTypePolicy& result, const ArgSpec&,
                                   const ParseContext& context) {
  if (value.is_null()) return true;
  if (value.is_object() && value.value("class_name", Json()) == "DTypePolicyMap" && value.contains("config") &&
      value["config"].is_object()) {  // policies of inner layers, which here are all the outer one's
    const Json& config = value["config"];
    const ArgSpec plain;
    DTypePolicy inner;
    bool good = parse(config.value("default_policy", Json()), result, plain, context);
    const Json map = config.value("policy_map", Json::object());
    for (const auto& [path, policy] : map.items()) {
      good = good && parse(policy, inner, plain, context);
      if (good && inner.dtype != result.dtype) return context.expected("one policy for all", value), false;
    }
    return good;
  }
  const Json* name = &value;
  if (value.is_object() && value.contains("config") && value["config"].is_object() && value["config"].contains("name"))
    name = &value["config"]["name"];
  if (!name->is_string()) return context.expected("a dtype name or a DTypePolicy", value), false;
  const std::string text = name->get<std::string>();
  if (text == "float32" || text == "float64") {
    result.dtype = text == "float32" ? DType::f32 : DType::f64;
    return true;
  }
  const bool known = text == "mixed_float16" || text == "mixed_bfloat16" || dtype_from_name(text).has_value();
  if (known)
    context.error("layer.dtype", {{"dtype", text}});
  else
    context.expected("float32 or float64", *name);
  return false;
}

Json ArgTraits<DTypePolicy>::print(const DTypePolicy& value) {
  return {{"module", "keras"},
          {"class_name", "DTypePolicy"},
          {"config", {{"name", name_of(value.dtype)}}},
          {"registered_name", nullptr}};
}

int BuildContext::add_weight(WeightSpec spec) {
  spec.name = weight_prefix_ + spec.name;
  if (!spec.initializer) spec.initializer = initializers::glorot_uniform();
  const bool fits = spec.shape.is_known() && bounded_elements(spec.shape) <= kLargestTensor / 16;
  if (!fits) {
    error("", "layer.too_large", {{"what", "weight '" + spec.name + "'"}, {"shape", spec.shape.text()}});
  } else {
    for (const std::string& problem : {spec.initializer->problem(spec.shape),
                                       spec.regularizer ? spec.regularizer->problem(spec.shape) : std::string(),
                                       spec.constraint ? spec.constraint->problem(spec.shape) : std::string()})
      if (!problem.empty()) error("", "layer.weight", {{"weight", spec.name}, {"problem", problem}});
  }
  weights_.push_back(std::move(spec));
  return static_cast<int>(weights_.size()) - 1;
}

void BuildContext::add_output(TensorSpec spec) {
  if (bounded_elements(spec.shape) > kLargestTensor)
    return error("", "layer.too_large", {{"what", "output"}, {"shape", spec.shape.text()}});
  if (static_cast<size_t>(spec.shape.rank()) > kMaxRank)
    return error("", "layer.rank_limit", {{"limit", std::to_string(kMaxRank)}, {"shape", spec.shape.text()}});
  outputs_.push_back(std::move(spec));
}

void BuildContext::error(const std::string& arg, std::string code, Diagnostics::Params params) {
  failed_ = true;
  (arg.empty() ? where_ : where_.child(arg)).error(std::move(code), std::move(params));
}

bool BuildContext::expect_rank(int rank, int input) {
  if (shape(input).rank() == rank) return true;
  error("", "layer.rank", {{"wanted", std::to_string(rank)}, {"shape", shape(input).text()}});
  return false;
}

bool BuildContext::expect_min_rank(int rank, int input) {
  if (shape(input).rank() >= rank) return true;
  error("", "layer.min_rank", {{"wanted", std::to_string(rank)}, {"shape", shape(input).text()}});
  return false;
}

bool BuildContext::expect_known(int axis, int input) {
  const Shape& shape = this->shape(input);
  const int resolved = resolve_axis(axis, shape.rank());
  if (resolved >= 0 && shape[resolved] != kUnknown) return true;
  error("", "layer.unknown_size", {{"axis", std::to_string(axis)}, {"shape", shape.text()}});
  return false;
}

int BuildContext::adopt(const BuildContext& inner, const std::string& prefix, const std::string& pointer,
                        bool trainable, bool has_build_config) {
  const auto first = static_cast<int>(weights_.size());
  for (WeightSpec spec : inner.weights()) {
    spec.name = weight_prefix_ + prefix + spec.name;
    spec.trainable = spec.trainable && trainable;
    weights_.push_back(std::move(spec));
  }
  if (has_build_config && inner.input_count() > 0) inner_shapes_.push_back({pointer, inner.shape()});
  for (const InnerShape& deeper : inner.inner_shapes())
    inner_shapes_.push_back({pointer + "/config" + deeper.pointer, deeper.shape});
  failed_ |= inner.failed();
  return first;
}

bool CallArguments::flag(std::string_view name) const {
  if (values == nullptr || !values->is_object()) return false;
  const auto found = values->find(name);
  return found != values->end() && found->is_boolean() && found->get<bool>();
}

int CallArguments::input(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

bool CallContext::flag(const char* argument) const { return CallArguments{setup_.arguments}.flag(argument); }

void CallContext::set_output_mask(int i, Value mask) {
  masks_set_ = true;
  if (output_masks_.size() <= static_cast<size_t>(i)) output_masks_.resize(static_cast<size_t>(i) + 1);
  output_masks_[static_cast<size_t>(i)] = mask;
}

}  // namespace trainyard

// Rescaling.
#include <nlohmann/json.hpp>

#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {

/// A number for all, or one for each channel.
struct NumberOrNumbers {
  std::vector<double> values;
  bool is_list = false;
};

template <>
struct ArgTraits<NumberOrNumbers> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::number; }
  static bool parse(const Json& value, NumberOrNumbers& result, const ArgSpec& spec, const ParseContext& context) {
    result.is_list = value.is_array();
    result.values.assign(result.is_list ? value.size() : 1, 0);
    if (!result.is_list) return parse_number(value, result.values[0], spec, context);
    bool good = !value.empty();
    if (!good) context.expected("a number or a list of numbers", value);
    for (size_t i = 0; i < value.size(); ++i) good &= parse_number(value[i], result.values[i], spec, context.item(i));
    return good;
  }
  static Json print(const NumberOrNumbers& value) {
    return value.is_list ? Json(value.values) : Json(value.values.front());
  }
};

namespace {

struct Rescaling final : LayerOf<Rescaling> {
  NumberOrNumbers scale{{1}, false};
  NumberOrNumbers offset{{0}, false};

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Rescaling>("Rescaling", "preprocessing", "Multiplies every value and adds to it.")
            .arg("scale", &Rescaling::scale, "Factor, or one for each channel.", kRequired)
            .arg("offset", &Rescaling::offset, "What is added, or one for each channel.")
            .summary({"scale", "offset"})
            .build();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
    for (const auto& [name, numbers] : {std::pair{"scale", &scale}, std::pair{"offset", &offset}})
      if (numbers->is_list && context.shape().back() != static_cast<int64_t>(numbers->values.size()))
        return context.error(name, "rescaling.channels",
                             {{"count", std::to_string(numbers->values.size())}, {"shape", context.shape().text()}});
    context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    context.add_output(x * operand(x, scale) + operand(x, offset));
  }
  static Value operand(Value x, const NumberOrNumbers& numbers) {
    if (!numbers.is_list) return x.graph().scalar(numbers.values.front(), x.dtype());
    return x.graph().constant(
        Tensor::of<double>({static_cast<int64_t>(numbers.values.size())}, numbers.values).cast(x.dtype()));
  }
};

}  // namespace

LayerClasses preprocessing_layers() { return {&Rescaling::declaration()}; }

}  // namespace trainyard

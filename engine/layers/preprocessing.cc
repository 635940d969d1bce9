// Rescaling.
#include <nlohmann/json.hpp>

#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/number_array.h"

namespace trainyard {

namespace {

struct Rescaling final : LayerOf<Rescaling> {
  NumberArray scale{{}, {1}};
  NumberArray offset{{}, {0}};

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
      if (!numbers->fits(context.shape()))
        return context.error(name, "rescaling.channels",
                             {{"numbers", numbers->shape.text()}, {"shape", context.shape().text()}});
    context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    context.add_output(x * operand(x, scale) + operand(x, offset));
  }
  static Value operand(Value x, const NumberArray& numbers) {
    if (numbers.shape.rank() == 0) return x.graph().scalar(numbers.values.front(), x.dtype());
    return x.graph().constant(numbers.tensor(x.dtype()));
  }
};

}  // namespace

LayerClasses preprocessing_layers() { return {&Rescaling::declaration()}; }

}  // namespace trainyard

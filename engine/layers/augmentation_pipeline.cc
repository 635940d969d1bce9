// keras.layers.Pipeline: layers in a row, as one layer.
#include "engine/layers/dictionary_input.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/wrapper.h"

namespace trainyard {
namespace {

/// A dictionary goes through all of them, where all take one.
struct Pipeline final : LayerOf<Pipeline>, TakesDictionary {
  std::vector<Ref<Layer>> layers;
  /// Keras's Pipeline has none, and hands on what it is given.
  std::optional<DTypePolicy> given_dtype;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<Pipeline>("Pipeline", "preprocessing", "Applies layers one after the other.")
            .arg("name", &Pipeline::name, "The layer's own name; left empty, one is made up.",
                 {.advanced = true, .null_is_default = true})
            .arg("layers", &Pipeline::layers, "The layers, each taking what the one before gives.", kRequired)
            .arg("dtype", &Pipeline::given_dtype, "Precision of what it is given; None goes by the layers.",
                 {.advanced = true, .omit_null = true})
            .settle([](Pipeline& layer) {
              if (layer.given_dtype)
                layer.dtype = *layer.given_dtype;
              else if (!layer.layers.empty())
                layer.dtype = layer.layers.front()->dtype;
            })
            .build();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  std::vector<std::string> dictionary_entries() const override {
    std::vector<std::string> entries;
    for (const Ref<Layer>& layer : layers) {
      entries = trainyard::dictionary_entries(*layer);
      if (entries.empty()) break;
    }
    return entries;
  }
  std::string plain_entry() const override { return ""; }
  std::string dictionary_of() const override { return "layers"; }
  void build(BuildContext& context) const override {
    std::vector<TensorSpec> passed;
    for (int i = 0; i < context.input_count(); ++i) passed.push_back(context.input(i));
    const std::vector<std::string>& names = context.arguments().names;  // outputs of a dictionary are in its order
    for (size_t i = 0; i < layers.size(); ++i) {
      passed = build_inner(context, {"layers", static_cast<int>(i)}, *layers[i], std::move(passed), names);
      if (passed.empty()) return;
    }
    for (TensorSpec& spec : passed) context.add_output(std::move(spec));
  }
  void call(CallContext& context) const override {
    InnerLayer::Outputs passed{context.inputs(), {context.mask()}};
    const std::vector<std::string>& names = context.arguments().names;
    int first_weight = 0;
    for (const Ref<Layer>& layer : layers) {
      InnerLayer inner(context, *layer, first_weight, passed.values, names);
      first_weight = inner.end_weight();
      passed = inner.call(passed.values, {.masks = passed.masks, .names = names});
    }
    for (size_t i = 0; i < passed.values.size(); ++i) {
      context.add_output(passed.values[i]);
      if (i < passed.masks.size() && passed.masks[i]) context.set_output_mask(static_cast<int>(i), passed.masks[i]);
    }
  }
};

}  // namespace

LayerClasses pipeline_layers() { return {&Pipeline::declaration()}; }

}  // namespace trainyard

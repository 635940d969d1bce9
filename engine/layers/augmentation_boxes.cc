// keras.layers.MaxNumBoundingBoxes. It takes Keras's dictionary, or pictures, boxes and labels as inputs one by one.
#include <algorithm>

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/picture_batch.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

/// Boxes [n, k, 4] and labels [n, k] get max_number rows: what is more is cut off, what is missing is filled up. Pictures
/// [n, h, w, c] pass, and so do labels and masks. It does not look into boxes, so it can do without bounding_box_format (which
/// Keras's own example leaves out too, though its code then complains).
struct MaxNumBoundingBoxes final : LayerOf<MaxNumBoundingBoxes>, TakesDictionary {
  int64_t max_number = 1;
  double fill_value = -1;
  DataFormat data_format = DataFormat::channels_last;
  std::optional<BoxFormat> bounding_box_format;

  static const ClassInfo& declaration() {
    using T = MaxNumBoundingBoxes;
    static const ClassInfo kInfo =
        layer_declaration<T>("MaxNumBoundingBoxes", "preprocessing", "Gives every picture as many boxes.")
            .arg("max_number", &T::max_number, "How many boxes.", kRequiredPositive)
            .arg("fill_value", &T::fill_value, "What stands in the boxes and labels that are no boxes.")
            .arg("data_format", &T::data_format, "Pictures pass as they are, so it changes nothing.",
                 {.advanced = true, .hint = true, .null_is_default = true})
            .arg("bounding_box_format", &T::bounding_box_format, "How boxes are written; it changes nothing.",
                 {.advanced = true, .hint = true, .omit_null = true})
            .summary({"max_number"})
            .build();
    return kInfo;
  }
  InputArity arity() const override { return {1, 3}; }
  std::vector<std::string> dictionary_entries() const override { return picture_entries(); }
  std::string plain_entry() const override { return plain_picture_entry(); }
  void build(BuildContext& context) const override {
    const PictureInputs inputs(context.arguments());
    if (inputs.dictionary) return build_dictionary(context, inputs);
    for (int i = 0; i < context.input_count(); ++i) {
      if (!context.expect_min_rank(2, i)) return;
      Shape shape = context.shape(i);
      if (shape.rank() > 4 || (shape.rank() == 3 && shape[2] != 4))
        return context.error("", "boxes.shape", {{"shape", shape.text()}});
      if (shape.rank() < 4) shape[1] = max_number;
      context.add_output(shape);
    }
  }
  void call(CallContext& context) const override {
    const PictureInputs inputs(context.arguments());
    if (!inputs.dictionary)
      for (const Value& x : context.inputs()) context.add_output(x.rank() < 4 ? counted(x) : x);
    else
      for (const int i : inputs.in_order) {
        const Value x = context.input(i);
        context.add_output(i == inputs.boxes || i == inputs.box_labels ? counted(x) : x);
      }
  }

 private:
  void build_dictionary(BuildContext& context, const PictureInputs& inputs) const {
    if (inputs.images < 0) return context.error("images", "image.dictionary");
    const PictureRules rules{info().class_name, {}, false, data_format, [](const Shape& shape) { return shape; }};
    build_pictures(context, inputs, rules, max_number);
  }
  Value counted(Value x) const {
    std::vector<int64_t> sizes = x.shape().dims();
    sizes[1] = std::min(sizes[1], max_number);
    std::vector<int64_t> none(sizes.size(), 0);
    std::vector<int64_t> missing = none;
    missing[1] = max_number - sizes[1];
    return pad(slice(x, none, sizes), none, missing, fill_value);
  }
};

}  // namespace

LayerClasses bounding_box_layers() { return {&MaxNumBoundingBoxes::declaration()}; }

}  // namespace trainyard

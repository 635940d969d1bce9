// keras.layers.MaxNumBoundingBoxes. Keras hands it pictures, boxes and labels together; here they are inputs of their own.
#include <algorithm>

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

/// Boxes [n, k, 4] and labels [n, k] get max_number rows: what is more is cut off, what is missing is filled up. Pictures
/// [n, h, w, c] pass.
struct MaxNumBoundingBoxes final : LayerOf<MaxNumBoundingBoxes> {
  int64_t max_number = 1;
  double fill_value = -1;
  DataFormat data_format = DataFormat::channels_last;

  static const ClassInfo& declaration() {
    using T = MaxNumBoundingBoxes;
    static const ClassInfo kInfo =
        layer_declaration<T>("MaxNumBoundingBoxes", "preprocessing", "Gives every picture as many boxes.")
            .arg("max_number", &T::max_number, "How many boxes.", kRequiredPositive)
            .arg("fill_value", &T::fill_value, "What stands in the boxes and labels that are no boxes.")
            .arg("data_format", &T::data_format, "Pictures pass as they are, so it changes nothing.",
                 {.advanced = true, .hint = true, .null_is_default = true})
            .summary({"max_number"})
            .build();
    return kInfo;
  }
  InputArity arity() const override { return {1, 3}; }
  void build(BuildContext& context) const override {
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
    for (const Value& x : context.inputs()) context.add_output(x.rank() < 4 ? counted(x) : x);
  }

 private:
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

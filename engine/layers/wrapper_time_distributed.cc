// keras.layers.TimeDistributed
#include "engine/layers/layer_families.h"
#include "engine/layers/wrapper.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

/// [n, t, ..] -> [n, ..]
Shape step_shape(const Shape& shape) {
  Shape step = shape.slice(2, shape.rank());
  return step.with_front(shape[0]);
}

/// The same layer, with the same weights, at every time step. x: [n, t, ..]  y: [n, t, ..]
struct TimeDistributed final : LayerOf<TimeDistributed> {
  Ref<Layer> layer;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = layer_declaration<TimeDistributed>(
                                       "TimeDistributed", "recurrent",
                                       "Applies a layer to every time step by itself, always with the same weights.")
                                       .arg("layer", &TimeDistributed::layer, "The layer to apply.", kRequired)
                                       .summary({"layer"})
                                       .build();
    return kInfo;
  }

  bool supports_masking() const override { return true; }
  std::vector<std::string> tensor_arguments() const override { return {"mask"}; }
  bool keeps_integers() const override { return layer && layer->keeps_integers(); }
  bool works_by_sample() const override { return layer && layer->works_by_sample(); }

  void build(BuildContext& context) const override {
    if (!context.expect_min_rank(3)) return;
    const std::vector<TensorSpec> outputs = build_inner(context, {.arg = "layer", .penalize_activity = false}, *layer,
                                                        {{context.input().dtype, step_shape(context.shape())}});
    if (context.failed()) return;
    if (outputs.size() != 1)
      return context.error("layer", "wrapper.outputs", {{"class_name", layer->info().class_name}});
    Shape shape = outputs[0].shape.drop_front().with_front(context.shape()[1]);
    context.add_output({outputs[0].dtype, shape.with_front(outputs[0].shape[0])});
  }

  void call(CallContext& context) const override {
    if (layer->works_by_sample() && !context.mask())
      call_folded(context);
    else
      call_by_step(context);
  }

 private:
  // Keras calls the inner layer's `call`, which leaves its activity_regularizer out.
  static InnerLayer::Options options(Value mask = {}) { return {.masks = {mask}, .penalize_activity = false}; }

  /// All steps at once, as a batch of n * t.
  void call_folded(CallContext& context) const {
    const Value x = context.input();
    const Shape& shape = x.shape();
    const Value folded = reshape(x, shape.slice(2, shape.rank()).with_front(shape[0] * shape[1]));
    const Value y = InnerLayer(context, *layer, 0, {folded}).call({folded}, options()).values.front();
    context.add_output(reshape(y, y.shape().drop_front().with_front(shape[1]).with_front(shape[0])));
  }

  static Value step_of(Value x, int64_t t) {
    std::vector<int64_t> start(static_cast<size_t>(x.rank()), 0);
    std::vector<int64_t> sizes(x.shape().begin(), x.shape().end());
    start[1] = t;
    sizes[1] = 1;
    return reshape(slice(x, start, sizes), step_shape(x.shape()));
  }

  /// A layer that looks at its whole batch (statistics, masks, states) must see one step at a time, as in Keras.
  void call_by_step(CallContext& context) const {
    const Value x = context.input();
    const Value mask = context.mask();
    std::vector<Value> steps;
    InnerLayer inner(context, *layer, 0, {step_of(x, 0)});
    for (int64_t t = 0; t < x.shape()[1]; ++t) {
      const Value y = inner.call({step_of(x, t)}, options(mask ? step_of(mask, t) : Value())).values.front();
      steps.push_back(reshape(y, y.shape().drop_front().with_front(1).with_front(y.shape()[0])));
    }
    context.add_output(concat(steps, 1));
  }
};

}  // namespace

LayerClasses wrapper_layers() { return {&TimeDistributed::declaration()}; }

}  // namespace trainyard

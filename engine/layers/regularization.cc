// Dropout.
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

struct Dropout final : LayerOf<Dropout> {
  double rate = 0;
  std::optional<Shape> noise_shape;
  std::optional<int64_t> seed;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Dropout>("Dropout", "regularization",
                                   "Sets random values to 0 while training, so that none is relied upon.")
            .arg("rate", &Dropout::rate, "Share of values that are set to 0.", {.min = 0, .max = 1, .required = true})
            .arg("seed", &Dropout::seed, kSeedDoc, kSeedRange)
            .arg("noise_shape", &Dropout::noise_shape,
                 "Shape of the mask; where it has 1, values are dropped together.", {.min = 1, .advanced = true})
            .summary({"rate"})
            .build();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  bool works_by_sample() const override { return !noise_shape; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override {
    if (noise_shape && !fits(*noise_shape, context.shape()))
      return context.error("noise_shape", "dropout.noise_shape",
                           {{"noise_shape", noise_shape->text()}, {"shape", context.shape().text()}});
    context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    if (!context.training() || rate == 0) return context.add_output(x);
    const double keep = 1 - rate;
    const Value kept = random(context.graph(), {.kind = op::RandomKind::bernoulli,
                                                .dtype = x.dtype(),
                                                .shape = mask_shape(x.shape()),
                                                .stream = context.next_random_stream(),
                                                .seed = static_cast<uint64_t>(seed.value_or(0)),
                                                .a = keep,
                                                .b = 0});
    context.add_output(x * (kept * (keep > 0 ? 1 / keep : 0)));
  }

 private:
  static bool fits(const Shape& noise, const Shape& x) {
    if (noise.rank() != x.rank()) return false;
    for (int axis = 0; axis < x.rank(); ++axis)
      if (noise[axis] != kUnknown && noise[axis] != 1 && x[axis] != kUnknown && noise[axis] != x[axis]) return false;
    return true;
  }
  Shape mask_shape(const Shape& x) const {
    if (!noise_shape) return x;
    Shape shape = *noise_shape;
    for (int axis = 0; axis < x.rank(); ++axis)
      if (shape[axis] == kUnknown) shape[axis] = x[axis];
    return shape;
  }
};

}  // namespace

LayerClasses regularization_layers() { return {&Dropout::declaration()}; }

}  // namespace trainyard

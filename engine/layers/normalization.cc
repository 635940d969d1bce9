// BatchNormalization. Ioffe and Szegedy, arXiv:1502.03167; details as in keras.layers.BatchNormalization.
#include <cmath>

#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// The square root of what another initializer makes, as the deviations of batch renormalization begin.
struct SquareRootOf final : Initializer {
  Ref<Initializer> variance;
  explicit SquareRootOf(Ref<Initializer> of) : variance(std::move(of)) {}
  const ClassInfo& info() const override { return variance->info(); }
  std::string problem(const Shape& shape) const override { return variance->problem(shape); }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    Tensor tensor = variance->make(shape, DType::f64, random);
    for (double& value : tensor.span<double>()) value = std::sqrt(value);
    return tensor.cast(dtype);
  }
};

/// Bounds of batch renormalization's corrections: an object that may have rmax, rmin and dmax.
struct RenormClipping {
  std::optional<double> rmax, rmin, dmax;
};

}  // namespace

template <>
struct ArgTraits<RenormClipping> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::json; }
  static bool parse(const Json& value, RenormClipping& result, const ArgSpec&, const ParseContext& context) {
    if (!value.is_object()) return context.expected("an object with rmax, rmin and dmax", value), false;
    bool good = true;
    for (const auto& [key, entry] : value.items()) {
      std::optional<double>* bound = key == "rmax"   ? &result.rmax
                                     : key == "rmin" ? &result.rmin
                                     : key == "dmax" ? &result.dmax
                                                     : nullptr;
      good = good && bound != nullptr && (entry.is_number() || entry.is_null());
      if (good && entry.is_number()) *bound = entry.get<double>();
    }
    good = good && !(result.rmax && result.rmin && *result.rmax < *result.rmin) && !(result.dmax && *result.dmax < 0);
    if (!good) context.expected("numbers rmax, rmin and dmax with rmin <= rmax and 0 <= dmax", value);
    return good;
  }
  static Json print(const RenormClipping& value) {
    Json object = Json::object();
    if (value.rmax) object["rmax"] = *value.rmax;
    if (value.rmin) object["rmin"] = *value.rmin;
    if (value.dmax) object["dmax"] = *value.dmax;
    return object;
  }
};

namespace {

struct BatchNormalization final : LayerOf<BatchNormalization> {
  int64_t axis = -1;
  double momentum = 0.99;
  double epsilon = 0.001;
  bool center = true;
  bool scale = true;
  Ref<Initializer> beta_initializer = initializers::zeros();
  Ref<Initializer> gamma_initializer = initializers::ones();
  Ref<Initializer> moving_mean_initializer = initializers::zeros();
  Ref<Initializer> moving_variance_initializer = initializers::ones();
  Ref<Regularizer> beta_regularizer;
  Ref<Regularizer> gamma_regularizer;
  Ref<Constraint> beta_constraint;
  Ref<Constraint> gamma_constraint;
  bool synchronized = false;
  bool renorm = false;
  std::optional<RenormClipping> renorm_clipping;
  double renorm_momentum = 0.99;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare();
    return kInfo;
  }
  static ClassInfo declare() {
    using T = BatchNormalization;
    auto declaration = layer_declaration<T>("BatchNormalization", "normalization",
                                            "Brings each channel to mean 0 and deviation 1 over the batch.");
    declaration.arg("axis", &T::axis, "The dimension of the channels.");
    declaration.arg("momentum", &T::momentum, "How slowly the moving statistics follow.", {.min = 0, .max = 1});
    declaration.arg("epsilon", &T::epsilon, "Small number that keeps the division safe.", {.min = 0, .advanced = true});
    declaration.arg("center", &T::center, "Adds a learned offset (beta).");
    declaration.arg("scale", &T::scale, "Multiplies by a learned factor (gamma).");
    declaration.arg("beta_initializer", &T::beta_initializer, "How beta begins.", kAdvanced);
    declaration.arg("gamma_initializer", &T::gamma_initializer, "How gamma begins.", kAdvanced);
    declaration.arg("moving_mean_initializer", &T::moving_mean_initializer, "How the moving mean begins.", kAdvanced);
    declaration.arg("moving_variance_initializer", &T::moving_variance_initializer, "How the moving variance begins.",
                    kAdvanced);
    declaration.arg("beta_regularizer", &T::beta_regularizer, "Penalty on beta.", kAdvanced);
    declaration.arg("gamma_regularizer", &T::gamma_regularizer, "Penalty on gamma.", kAdvanced);
    declaration.arg("beta_constraint", &T::beta_constraint, "What beta is held to after each step.", kAdvanced);
    declaration.arg("gamma_constraint", &T::gamma_constraint, "What gamma is held to after each step.", kAdvanced);
    declaration.arg("synchronized", &T::synchronized, "Statistics over all replicas; with one replica it is the same.",
                    {.advanced = true, .hint = true});
    declaration.arg("renorm", &T::renorm, "Corrects each batch toward the moving statistics (batch renormalization).",
                    kAdvanced);
    declaration.arg("renorm_clipping", &T::renorm_clipping, "Bounds of those corrections: rmax, rmin and dmax.",
                    {.advanced = true, .visible_arg = "renorm", .visible_value = "true"});
    declaration.arg("renorm_momentum", &T::renorm_momentum, "How slowly the statistics of the corrections follow.",
                    {.min = 0, .max = 1, .advanced = true, .visible_arg = "renorm", .visible_value = "true"});
    declaration.summary({"axis"});
    declaration.rule([](const T& layer, const ParseContext& context) {
      if (layer.renorm && !layer.moving_variance_initializer)
        context.child("moving_variance_initializer").error("argument.missing");
    });
    return declaration.build();
  }

  bool supports_masking() const override { return true; }
  std::vector<std::string> tensor_arguments() const override { return {"mask"}; }
  void build(BuildContext& context) const override {
    const int along = resolve_axis(axis, context.shape().rank());
    if (along < 0)
      return context.error("axis", "layer.axis", {{"axis", std::to_string(axis)}, {"shape", context.shape().text()}});
    if (!context.expect_known(along)) return;
    const Shape channels{context.shape()[along]};
    if (scale) context.add_weight({"gamma", channels, gamma_initializer, gamma_regularizer, gamma_constraint});
    if (center) context.add_weight({"beta", channels, beta_initializer, beta_regularizer, beta_constraint});
    add_statistic(context, "moving_mean", moving_mean_initializer);
    add_statistic(context, "moving_variance", moving_variance_initializer);
    if (renorm) {
      const Ref<Initializer> stddev(std::make_shared<const SquareRootOf>(moving_variance_initializer));
      add_statistic(context, "moving_stddev", stddev);
      add_statistic(context, "renorm_mean", moving_mean_initializer);
      add_statistic(context, "renorm_stddev", stddev);
    }
    context.add_output(context.shape());
  }

  // A frozen layer keeps its statistics and uses them, as Keras's trainable=False does.
  void call(CallContext& context) const override {
    const Value x = context.input();
    const int along = resolve_axis(axis, x.rank());
    Shape wide;  // [1, .., channels, .., 1]: lines a vector up with x
    for (int d = 0; d < x.rank(); ++d) wide.push_back(d == along ? x.shape()[d] : 1);
    const int statistics = (scale ? 1 : 0) + (center ? 1 : 0);
    const Value mean = context.weight(statistics);
    const Value variance = context.weight(statistics + 1);
    Value gamma = scale ? context.weight(0) : Value();
    Value beta = center ? context.weight(scale ? 1 : 0) : Value();
    if (context.training() && this->trainable) {
      const Standardized batch = standardized(context, x, along, wide);
      if (renorm) {
        renormalize(context, statistics, batch, gamma, beta);
      } else {
        context.update_weight(statistics, follow(mean, batch.mean, momentum));
        context.update_weight(statistics + 1, follow(variance, batch.variance, momentum));
      }
      Value y = batch.y;
      if (gamma) y = y * line_up(gamma, wide);
      if (beta) y = y + line_up(beta, wide);
      return context.add_output(y);
    }
    Value factor = rsqrt(variance + epsilon);
    if (gamma) factor = factor * gamma;
    Value y = (x - line_up(mean, wide)) * line_up(factor, wide);
    if (beta) y = y + line_up(beta, wide);
    context.add_output(y);
  }

 private:
  void add_statistic(BuildContext& context, const char* name, const Ref<Initializer>& initializer) const {
    context.add_weight({.name = name,
                        .shape = {context.shape()[resolve_axis(axis, context.shape().rank())]},
                        .initializer = initializer,
                        .regularizer = {},
                        .constraint = {},
                        .kind = VariableKind::statistic});
  }

  static Value follow(Value moving, Value now, double slowness) { return moving * slowness + now * (1 - slowness); }

  /// Ioffe, arXiv:1702.03275: x r + d instead of x, with r and d that bring the batch's statistics to the moving ones and
  /// count as constants. Folded into gamma and beta; updates the statistics, from number `first` on.
  void renormalize(CallContext& context, int first, const Standardized& batch, Value& gamma, Value& beta) const {
    const Value deviation = sqrt(batch.variance + epsilon);
    const Value floor = maximum(context.weight(first + 4), std::sqrt(epsilon));
    const RenormClipping clipping = renorm_clipping.value_or(RenormClipping{});
    Value r = stop_gradient(deviation / floor);
    Value d = stop_gradient((batch.mean - context.weight(first + 3)) / floor);
    if (clipping.rmin) r = maximum(r, *clipping.rmin);
    if (clipping.rmax) r = minimum(r, *clipping.rmax);
    if (clipping.dmax) d = clip(d, -*clipping.dmax, *clipping.dmax);
    const Value offset = gamma ? d * gamma : d;
    beta = beta ? offset + beta : offset;
    gamma = gamma ? r * gamma : r;
    const Value moving = follow(context.weight(first + 2), deviation, momentum);
    context.update_weight(first, follow(context.weight(first), batch.mean, momentum));
    context.update_weight(first + 1, relu(square(moving) - epsilon));
    context.update_weight(first + 2, moving);
    context.update_weight(first + 3, follow(context.weight(first + 3), batch.mean, renorm_momentum));
    context.update_weight(first + 4, follow(context.weight(first + 4), deviation, renorm_momentum));
  }

  /// A vector of channels as it broadcasts to x; [channels] itself where they are last.
  static Value line_up(Value vector, const Shape& wide) {
    return wide.back() == vector.shape()[0] && wide.elements() == wide.back() ? vector : reshape(vector, wide);
  }

  /// Over all axes but the channels', masked positions left out as Keras does.
  Standardized standardized(const CallContext& context, Value x, int along, const Shape& wide) const {
    std::vector<int> axes;
    for (int d = 0; d < x.rank(); ++d)
      if (d != along) axes.push_back(d);
    if (!context.mask()) return standardize(x, axes, epsilon);
    Shape shape = context.mask().shape();
    while (shape.rank() < x.rank()) shape.push_back(1);
    const Value weights = broadcast_to(reshape(cast(context.mask(), x.dtype()), shape), x.shape());
    const Value count = sum(weights, axes) + 1e-7;
    const Value mean = sum(weights * x, axes) / count;
    const Value centred = x - line_up(mean, wide);
    const Value variance = sum(weights * square(centred), axes) / count;
    return {centred * line_up(rsqrt(variance + epsilon), wide), mean, variance};
  }
};

}  // namespace

LayerClasses normalization_layers() { return {&BatchNormalization::declaration()}; }

}  // namespace trainyard

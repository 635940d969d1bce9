// keras.layers: LayerNormalization, GroupNormalization, RMSNormalization, UnitNormalization.
#include <algorithm>

#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/weight_arguments.h"

namespace trainyard {
namespace {

inline constexpr ArgOptions kAxisRange{.min = -8, .max = 7};

/// Resolved axes in ascending order; nothing after complaining.
std::optional<std::vector<int>> resolve_axes(BuildContext& context, const Axis& axis, bool known_sizes) {
  std::vector<int> axes;
  const Shape& shape = context.shape();
  for (const int64_t entry : axis.axes) {
    const int resolved = resolve_axis(entry, shape.rank());
    if (resolved < 0) {
      context.error("axis", "layer.axis", {{"axis", std::to_string(entry)}, {"shape", shape.text()}});
      return std::nullopt;
    }
    if (known_sizes && !context.expect_known(resolved)) return std::nullopt;
    axes.push_back(resolved);
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

std::vector<int> resolved_axes(const Axis& axis, int rank) {
  std::vector<int> axes;
  for (const int64_t entry : axis.axes) axes.push_back(resolve_axis(entry, rank));
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

/// x's sizes along `axes`, 1 elsewhere: how a weight of these axes lines up with x.
Shape lined_up(const Shape& x, const std::vector<int>& axes) {
  Shape shape{std::vector<int64_t>(static_cast<size_t>(x.rank()), 1)};
  for (const int axis : axes) shape[axis] = x[axis];
  return shape;
}

Shape sizes_of(const Shape& x, const std::vector<int>& axes) {
  Shape shape;
  for (const int axis : axes) shape.push_back(x[axis]);
  return shape;
}

/// center, scale and what may be said of beta and gamma.
struct CenterAndScale {
  bool center = true;
  bool scale = true;
  Ref<Initializer> beta_initializer = initializers::zeros();
  Ref<Initializer> gamma_initializer = initializers::ones();
  Ref<Regularizer> beta_regularizer;
  Ref<Regularizer> gamma_regularizer;
  Ref<Constraint> beta_constraint;
  Ref<Constraint> gamma_constraint;

  void add_weights(BuildContext& context, const Shape& shape) const {
    if (scale) context.add_weight({"gamma", shape, gamma_initializer, gamma_regularizer, gamma_constraint});
    if (center) context.add_weight({"beta", shape, beta_initializer, beta_regularizer, beta_constraint});
  }
  /// normal * gamma + beta, both under shape `wide`.
  Value finish(CallContext& context, Value normal, const Shape& wide) const {
    if (scale) normal = normal * reshape(context.weight(0), wide);
    if (center) normal = normal + reshape(context.weight(scale ? 1 : 0), wide);
    return normal;
  }
};

template <typename T>
void add_center_and_scale(Declaration<T>& declaration) {
  declaration.arg("center", &T::center, "Adds a learned offset (beta).")
      .arg("scale", &T::scale, "Multiplies by a learned factor (gamma).");
  add_initializer(declaration, "beta", &T::beta_initializer, "beta");
  add_initializer(declaration, "gamma", &T::gamma_initializer, "gamma");
  add_regularizer(declaration, "beta", &T::beta_regularizer, "beta");
  add_regularizer(declaration, "gamma", &T::gamma_regularizer, "gamma");
  add_constraint(declaration, "beta", &T::beta_constraint, "beta");
  add_constraint(declaration, "gamma", &T::gamma_constraint, "gamma");
}

constexpr const char* kEpsilonDoc = "Small number that keeps the division safe.";

struct LayerNormalization final : LayerOf<LayerNormalization>, CenterAndScale {
  Axis axis = -1;
  double epsilon = 0.001;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = LayerNormalization;
      auto declaration =
          layer_declaration<T>("LayerNormalization", "normalization", "Brings each sample to mean 0 and deviation 1.");
      declaration.arg("axis", &T::axis, "Dimensions over which mean and deviation are taken.", kAxisRange)
          .arg("epsilon", &T::epsilon, kEpsilonDoc, {.min = 0, .advanced = true});
      add_center_and_scale(declaration);
      declaration.refuse("rms_scaling", "false", "Keras has given it up", true).summary({"axis"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
    const auto axes = resolve_axes(context, axis, true);
    if (!axes) return;
    add_weights(context, sizes_of(context.shape(), *axes));
    if (!context.failed()) context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const std::vector<int> axes = resolved_axes(axis, x.rank());
    context.add_output(finish(context, standardize(x, axes, epsilon).y, lined_up(x.shape(), axes)));
  }
};

/// Wu and He 2018. The channels are split into groups; each group of each sample is brought to mean 0 and deviation 1.
struct GroupNormalization final : LayerOf<GroupNormalization>, CenterAndScale {
  int64_t groups = 32;
  int64_t axis = -1;
  double epsilon = 0.001;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = GroupNormalization;
      auto declaration = layer_declaration<T>("GroupNormalization", "normalization",
                                              "Brings groups of channels to mean 0 and deviation 1.");
      declaration.arg("groups", &T::groups, "How many groups; -1: each channel by itself.", {.min = -1})
          .arg("axis", &T::axis, "The dimension of the channels.", kAxisRange)
          .arg("epsilon", &T::epsilon, kEpsilonDoc, {.min = 0, .advanced = true});
      add_center_and_scale(declaration);
      declaration.rule([](const T& layer, const ParseContext& context) {
        if (layer.groups == 0)
          context.child("groups").error("argument.range", {{"range", "-1 or at least 1"}, {"value", "0"}});
      });
      declaration.summary({"groups"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
    if (!context.expect_min_rank(2)) return;
    const auto axes = resolve_axes(context, Axis(axis), true);
    if (!axes) return;
    const int64_t channels = context.shape()[axes->front()];
    if (groups > 0 && channels % groups != 0)
      return context.error("groups", "layer.groups_channels",
                           {{"groups", std::to_string(groups)}, {"channels", std::to_string(channels)}});
    add_weights(context, {channels});
    if (!context.failed()) context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const int along = resolve_axis(axis, x.rank());
    const int64_t channels = x.shape()[along];
    const int64_t count = groups < 0 ? channels : groups;
    Shape apart = x.shape().slice(0, along);  // [n, .., groups, c / groups, ..]
    apart.push_back(count);
    apart.push_back(channels / count);
    for (int i = along + 1; i < x.rank(); ++i) apart.push_back(x.shape()[i]);
    std::vector<int> axes;
    for (int i = 1; i < apart.rank(); ++i)
      if (i != along) axes.push_back(i);
    const Value normal = reshape(standardize(reshape(x, apart), axes, epsilon).y, x.shape());
    context.add_output(finish(context, normal, lined_up(x.shape(), {along})));
  }
};

/// Zhang and Sennrich 2019.
struct RMSNormalization final : LayerOf<RMSNormalization> {
  Axis axis = -1;
  double epsilon = 1e-6;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<RMSNormalization>("RMSNormalization", "normalization",
                                            "Divides each sample by its root mean square.")
            .arg("axis", &RMSNormalization::axis, "Dimensions over which it is taken.", kAxisRange)
            .arg("epsilon", &RMSNormalization::epsilon, kEpsilonDoc, {.min = 0, .advanced = true})
            .summary({"axis"})
            .build();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
    const auto axes = resolve_axes(context, axis, true);
    if (!axes) return;
    context.add_weight({"scale", sizes_of(context.shape(), *axes), initializers::ones()});
    if (!context.failed()) context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const std::vector<int> axes = resolved_axes(axis, x.rank());
    const Value scale = reshape(context.weight(0), lined_up(x.shape(), axes));
    context.add_output(x * rsqrt(mean(square(x), axes, true) + epsilon) * scale);
  }
};

struct UnitNormalization final : LayerOf<UnitNormalization> {
  Axis axis = -1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<UnitNormalization>("UnitNormalization", "normalization", "Brings each sample to length 1.")
            .arg("axis", &UnitNormalization::axis, "Dimensions over which the length is taken.", kAxisRange)
            .summary({"axis"})
            .build();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override {
    if (resolve_axes(context, axis, false)) context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const Value inverse = rsqrt(maximum(sum(square(x), resolved_axes(axis, x.rank()), true), 1e-24));
    context.add_output(x * inverse);
  }
};

}  // namespace

LayerClasses normalization_variants() {
  return {&LayerNormalization::declaration(), &GroupNormalization::declaration(), &RMSNormalization::declaration(),
          &UnitNormalization::declaration()};
}

}  // namespace trainyard

// keras.layers.Normalization
#include <algorithm>
#include <cmath>

#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/number_array.h"
#include "engine/layers/text_reader.h"
#include "engine/ops/builder.h"

namespace trainyard {

/// Keras's tuple of axes; null stands for none of them. Prints as a list.
struct KeptAxes {
  std::vector<int64_t> axes{-1};
};

template <>
struct ArgTraits<KeptAxes> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::axis;
    spec.nullable = true;
  }
  static bool parse(const Json& value, KeptAxes& result, const ArgSpec& spec, const ParseContext& context) {
    result.axes.clear();
    if (value.is_null()) return true;
    if (value.is_array()) return ArgTraits<std::vector<int64_t>>::parse(value, result.axes, spec, context);
    result.axes.resize(1);
    return parse_integer(value, result.axes[0], spec, context);
  }
  static Json print(const KeptAxes& value) { return ArgTraits<std::vector<int64_t>>::print(value.axes); }
};

namespace {

constexpr double kLeastDeviation = 1e-7;  // Keras's backend.epsilon()

/// y = (x - mean) / max(sqrt(variance), 1e-7), with a mean and a variance for each place along `axis`.
struct Normalization final : LayerOf<Normalization>, Adaptable {
  KeptAxes axis;
  std::optional<NumberArray> mean;
  std::optional<NumberArray> variance;
  bool invert = false;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Normalization>("Normalization", "preprocessing",
                                         "Brings numbers to mean 0 and deviation 1, as the training data has them.")
            .arg("axis", &Normalization::axis, "Axes along which each place has a mean of its own; None: one for all.")
            .arg("mean", &Normalization::mean, "Mean, instead of that of the data.", kAdvanced)
            .arg("variance", &Normalization::variance, "Variance, instead of that of the data.", kAdvanced)
            .arg("invert", &Normalization::invert, "Turns normalised numbers back.", kAdvanced)
            .rule([](const Normalization& layer, const ParseContext& context) {
              if (layer.mean.has_value() != layer.variance.has_value())
                return context.child(layer.mean ? "mean" : "variance")
                    .error("argument.needs", {{"needed", layer.mean ? "variance" : "mean"}});
              if (!layer.mean) return;
              for (const double v : layer.variance->values)
                if (v < 0)
                  return context.child("variance")
                      .error("argument.range", {{"range", "at least 0"}, {"value", Json(v).dump()}});
            })
            .summary({"axis"})
            .build();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  bool works_by_sample() const override { return true; }

  /// Kept axes in rising order; empty after complaining where one is not an axis.
  std::vector<int> kept_axes(int rank) const {
    std::vector<int> kept;
    for (const int64_t entry : axis.axes) kept.push_back(resolve_axis(entry, rank));
    std::sort(kept.begin(), kept.end());
    return kept;
  }

  void build(BuildContext& context) const override {
    const Shape& shape = context.shape();
    const std::vector<int> kept = kept_axes(shape.rank());
    Shape sizes;
    for (const int place : kept) {
      if (place < 0)
        return context.error("axis", "layer.axis",
                             {{"axis", ArgTraits<KeptAxes>::print(axis).dump()}, {"shape", shape.text()}});
      if (!context.expect_known(place)) return;
      sizes.push_back(shape[place]);
    }
    if (mean) {
      for (const auto& [name, given] : {std::pair{"mean", &mean}, std::pair{"variance", &variance}})
        if (!lined_up(**given, shape))
          return context.error(name, "normalization.shape",
                               {{"got", (*given)->shape.text()}, {"wanted", sizes.text()}});
    } else {
      context.add_weight({"mean", sizes, initializers::zeros(), {}, {}, VariableKind::statistic});
      context.add_weight({"variance", sizes, initializers::ones(), {}, {}, VariableKind::statistic});
      context.add_weight({"count", {}, initializers::zeros(), {}, {}, VariableKind::statistic});
    }
    context.add_output(shape);
  }

  void call(CallContext& context) const override {
    const Value x = context.input();
    const Value center = along_axes(context, x, 0, mean);
    const Value deviation = maximum(sqrt(along_axes(context, x, 1, variance)), kLeastDeviation);
    context.add_output(invert ? center + x * deviation : (x - center) / deviation);
  }

  /// A given statistic's shape as it broadcasts against x: aligned at x's last dimension as in Keras, or else at the last of
  /// the kept axes; nothing where it fits neither.
  std::optional<Shape> lined_up(const NumberArray& given, const Shape& x) const {
    const std::vector<int> kept = kept_axes(x.rank());
    Shape whole(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
    Shape sizes;
    for (const int place : kept) sizes.push_back(whole[place] = x[place]);
    Shape result(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
    const int rank = given.shape.rank();
    if (given.fits(whole)) {
      for (int i = 0; i < rank; ++i) result[x.rank() - rank + i] = given.shape[i];
      return result;
    }
    if (!given.fits(sizes)) return std::nullopt;
    for (int i = 0; i < rank; ++i) result[kept[kept.size() - static_cast<size_t>(rank - i)]] = given.shape[i];
    return result;
  }

  /// The statistic in a shape that broadcasts against x: sizes along the kept axes, 1 elsewhere.
  Value along_axes(CallContext& context, Value x, int weight, const std::optional<NumberArray>& given) const {
    const std::vector<int> kept = kept_axes(x.rank());
    Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
    if (!given) {
      for (const int place : kept) shape[place] = x.shape()[place];
      return reshape(context.weight(weight), shape);
    }
    return x.graph().constant(given->tensor(x.dtype()).reshaped(*lined_up(*given, x.shape())));
  }

  /// Keras's adapt leaves no mark, so one that still holds what it began with counts as not adapted.
  bool needs_adapt(const std::vector<Tensor>& weights) const override {
    if (mean) return false;
    const auto all = [](const Tensor& tensor, double value) {
      for (int64_t i = 0; i < tensor.elements(); ++i)
        if (element_as_double(tensor.view(), i) != value) return false;
      return true;
    };
    return weights.size() < 3 || (all(weights[0], 0) && all(weights[1], 1) && all(weights[2], 0));
  }

  Adaptation adapt(const HostValue& data) const override {
    const Tensor& x = std::get<Tensor>(data);
    const std::vector<int> kept = kept_axes(x.shape().rank());
    Shape sizes;
    for (const int place : kept) sizes.push_back(x.shape()[place]);
    const std::vector<int64_t> strides = x.shape().strides();
    const auto group_of = [&](int64_t element) {
      int64_t group = 0;
      for (const int place : kept)
        group = group * x.shape()[place] + element / strides[static_cast<size_t>(place)] % x.shape()[place];
      return static_cast<size_t>(group);
    };
    const auto groups = static_cast<size_t>(sizes.elements());
    const double count = static_cast<double>(x.elements()) / static_cast<double>(groups);
    std::vector<double> means(groups), variances(groups);
    for (int64_t i = 0; i < x.elements(); ++i) means[group_of(i)] += element_as_double(x.view(), i) / count;
    for (int64_t i = 0; i < x.elements(); ++i) {
      const double off = element_as_double(x.view(), i) - means[group_of(i)];
      variances[group_of(i)] += off * off / count;
    }
    const auto samples = static_cast<double>(x.shape().front());
    return {Json::object(),
            {Tensor::of<double>(sizes, means).cast(dtype.dtype), Tensor::of<double>(sizes, variances).cast(dtype.dtype),
             Tensor::of<double>({}, {samples}).cast(dtype.dtype)}};
  }
};

}  // namespace

const ClassInfo& normalization_layer() { return Normalization::declaration(); }

}  // namespace trainyard

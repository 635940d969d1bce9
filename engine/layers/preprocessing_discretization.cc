// keras.layers.Discretization
#include <algorithm>
#include <cmath>

#include "engine/layers/layer_families.h"
#include "engine/layers/preprocessing_modes.h"
#include "engine/layers/text_reader.h"
#include "engine/ops/lookup_builder.h"

namespace trainyard {

struct Boundaries {
  std::vector<double> values;
};

template <>
struct ArgTraits<Boundaries> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::json; }
  static bool parse(const Json& value, Boundaries& result, const ArgSpec& spec, const ParseContext& context) {
    if (!value.is_array() || value.empty()) return context.expected("a list of rising numbers", value), false;
    result.values.resize(value.size());
    bool good = true;
    for (size_t i = 0; i < value.size(); ++i) {
      good &= parse_number(value[i], result.values[i], spec, context.item(i));
      if (std::isnan(result.values[i])) return context.expected("a list of rising numbers", value), false;
    }
    if (!good) return false;
    if (std::is_sorted(result.values.begin(), result.values.end())) return true;
    context.error("schedule.boundaries");
    return false;
  }
  static Json print(const Boundaries& value) {
    Json list = Json::array();
    for (const double number : value.values) list.push_back(number_json(number));
    return list;
  }
};

namespace {

/// A few values that stand for many: each with the number of values it stands for, rising. Keras's algorithm and its
/// float32, so that the same data gives the same boundaries.
struct Summary {
  std::vector<float> values;
  std::vector<float> weights;
};

/// numpy.interp: y at x of the line through the points; the ends beyond them.
double interpolate(double x, const std::vector<double>& xs, const std::vector<double>& ys) {
  if (x <= xs.front()) return ys.front();
  if (x >= xs.back()) return ys.back();
  const size_t right = static_cast<size_t>(std::upper_bound(xs.begin(), xs.end(), x) - xs.begin());
  const double slope = (ys[right] - ys[right - 1]) / (xs[right] - xs[right - 1]);
  return slope * (x - xs[right - 1]) + ys[right - 1];
}

Summary compress(const Summary& summary, double epsilon) {
  if (static_cast<double>(summary.values.size()) * epsilon < 1) return summary;
  std::vector<double> sums, shares, values(summary.values.begin(), summary.values.end());
  float total = 0;
  for (const float weight : summary.weights) sums.push_back(total += weight);
  for (const double sum : sums) shares.push_back(static_cast<float>(sum) / total);
  Summary result;
  double before = 0;
  const auto bins = static_cast<int64_t>(std::ceil(1.0 / epsilon));  // numpy.arange(0, 1, epsilon)
  for (int64_t i = 0; i < bins; ++i) {
    const double share = epsilon + static_cast<double>(i) * epsilon;
    const double sum = interpolate(share, shares, sums);
    result.values.push_back(static_cast<float>(interpolate(share, shares, values)));
    result.weights.push_back(static_cast<float>(sum - before));
    before = sum;
  }
  return result;
}

Summary summarize(std::vector<float> values, double epsilon) {
  std::sort(values.begin(), values.end());
  const double increment = static_cast<double>(values.size()) / (1.0 / epsilon);
  const double step = std::max(increment, 1.0);
  Summary summary;
  for (auto i = static_cast<size_t>(increment); i < values.size(); i += static_cast<size_t>(step)) {
    summary.values.push_back(values[i]);
    summary.weights.push_back(static_cast<float>(step));
  }
  return compress(summary, epsilon);
}

/// x: numbers [n, ..]  y: the number of the range each lies in, or vectors with a place for each range.
struct Discretization final : LayerOf<Discretization>, Adaptable {
  std::optional<Boundaries> bin_boundaries;
  std::optional<int64_t> num_bins;
  double epsilon = 0.01;
  ModeOf<CategoryMode::integer, CategoryMode::one_hot, CategoryMode::multi_hot, CategoryMode::count> output_mode;
  CategoryDType own_dtype{.name = {}, .bare = true};

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<Discretization>("Discretization", "preprocessing",
                                    "Says in which of several ranges each number lies.")
            .arg("bin_boundaries", &Discretization::bin_boundaries,
                 "Where ranges end, rising; each belongs to the range above it.", {.open_ended = true})
            .arg("num_bins", &Discretization::num_bins,
                 "How many ranges to make of the training data, with as many numbers in each.",
                 {.min = 2, .max = 1'000'000})
            .arg("epsilon", &Discretization::epsilon,
                 "How exactly the ranges of the data are found; smaller is slower.",
                 {.min = 0, .max = 1, .above_min = true, .advanced = true})
            .arg("output_mode", &Discretization::output_mode, kModeDoc)
            .arg("dtype", &Discretization::own_dtype, "Precision of its numbers.", kAdvanced)
            .arg("name", &Discretization::name, "The layer's own name; left empty, one is made up.",
                 {.advanced = true, .null_is_default = true})
            .refuse("sparse", "false", kNoSparse, true)
            .refuse("trainable", "true", "it has no weights")
            .settle([](Discretization& layer) {
              if (layer.own_dtype.name.empty()) layer.own_dtype.name = "float32";
              layer.dtype.dtype = layer.own_dtype.name == "float64" ? DType::f64 : DType::f32;
            })
            .rule([](const Discretization& layer, const ParseContext& context) {
              if (!layer.bin_boundaries && !layer.num_bins) context.child("num_bins").error("argument.missing");
              const bool whole = layer.own_dtype.name == "int32" || layer.own_dtype.name == "int64";
              if (whole) check_dtype(layer.own_dtype, layer.output_mode.value, context);
            })
            .summary({"num_bins", "output_mode"})
            .build();
    return kInfo;
  }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    if (!context.expect_min_rank(1)) return;
    const Shape shape = encoded_shape(context.shape(), output_mode.value, depth());
    if (output_mode.is(CategoryMode::integer)) return context.add_output({DType::i32, shape});
    context.add_output(shape);
  }
  /// Boundaries of the data may be fewer than asked for, where it has few numbers; then the places above stay empty.
  int64_t depth() const {
    const int64_t found = bin_boundaries ? static_cast<int64_t>(bin_boundaries->values.size()) + 1 : 0;
    return bin_boundaries ? found : num_bins.value_or(1);
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const std::vector<double> none;
    const std::vector<double>& values = bin_boundaries ? bin_boundaries->values : none;
    const Value keys =
        x.graph().constant(Tensor::of<double>({static_cast<int64_t>(values.size())}, values).cast(x.dtype()));
    context.add_output(encode_categories(search_sorted(x, keys), output_mode.value, depth(), dtype.dtype));
  }

  bool needs_adapt(const std::vector<Tensor>&) const override { return !bin_boundaries; }
  Adaptation adapt(const HostValue& data) const override {
    const Tensor numbers = std::get<Tensor>(data).cast(DType::f32);
    const auto span = numbers.span<const float>();
    Summary summary = compress(summarize({span.begin(), span.end()}, epsilon), 1.0 / static_cast<double>(*num_bins));
    if (!summary.values.empty()) summary.values.pop_back();
    Json list = Json::array();
    for (const float value : summary.values) list.push_back(value);
    return {{{"bin_boundaries", list}}, {}};
  }
};

}  // namespace

const ClassInfo& discretization_layer() { return Discretization::declaration(); }

}  // namespace trainyard

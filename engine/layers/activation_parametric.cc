#include "engine/layers/activation_parametric.h"

#include <cmath>
#include <numbers>

namespace trainyard::activations {

Value elu(Value x, double alpha) { return select(greater(x, 0), x, alpha * expm1(minimum(x, 0))); }

Value gelu(Value x, bool approximate) {
  if (!approximate) return 0.5 * x * (1 + erf(x * (1 / std::numbers::sqrt2)));
  const double factor = std::sqrt(2 / std::numbers::pi);
  return 0.5 * x * (1 + tanh(factor * (x + 0.044715 * (x * square(x)))));
}

Value relu(Value x, double negative_slope, std::optional<double> max_value, double threshold) {
  Value above = threshold == 0 ? trainyard::relu(x) : select(greater(x, threshold), x, x * 0.0);
  if (max_value) above = clip(above, 0, *max_value);
  if (negative_slope == 0) return above;
  return above - negative_slope * trainyard::relu(threshold - x);
}

Value sparsemax(Value x, int axis) {
  // An element is in the support when 1 + k z > (sum of the k elements at least as large), k its rank from above.
  const int rank = x.rank();
  const int along = resolve_axis(axis, rank);
  std::vector<int> last(static_cast<size_t>(rank));
  for (int i = 0; i < rank; ++i) last[static_cast<size_t>(i)] = i;
  std::swap(last[static_cast<size_t>(along)], last.back());
  const Value z = transpose(x, last);  // [..., n]
  Shape row = z.shape();
  row.push_back(z.shape().back());
  row[rank - 1] = 1;  // [..., 1, n]
  Shape column = z.shape();
  column.push_back(1);  // [..., n, 1]
  const Value others = reshape(z, row);
  const Value self = reshape(z, column);
  const Value at_least = cast(binary(op::BinaryKind::greater_equal, others, self), x.dtype());  // [..., n, n]
  const Value count = sum(at_least, {-1});
  const Value total = sum(at_least * others, {-1});
  const Value support = cast(greater(1 + count * z, total), x.dtype());
  const Value tau = (sum(support * z, {-1}, true) - 1) / sum(support, {-1}, true);
  return transpose(trainyard::relu(z - tau), last);
}

namespace {

template <typename T>
class ActivationOf : public Activation {
 public:
  const ClassInfo& info() const override { return T::declaration(); }
};

template <typename T>
Declaration<T> declare(std::string_view name, std::string_view doc) {
  return Declaration<T>(name, "activations", doc);
}

struct Relu final : ActivationOf<Relu> {
  double negative_slope = 0;
  std::optional<double> max_value;
  double threshold = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<Relu>("relu", "Keeps what is positive, makes the rest 0: the usual choice.")
            .arg("negative_slope", &Relu::negative_slope, "Slope below the threshold.", {.min = 0})
            .arg("max_value", &Relu::max_value, "Largest output; None for no limit.", {.min = 0, .open_ended = true})
            .arg("threshold", &Relu::threshold, "Where it begins to pass values.", {.min = 0})
            .build();
    return kInfo;
  }
  Value apply(Value x) const override { return relu(x, negative_slope, max_value, threshold); }
};

struct LeakyRelu final : ActivationOf<LeakyRelu> {
  double negative_slope = 0.2;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<LeakyRelu>("leaky_relu", "ReLU that lets a little through below 0.")
                                       .arg("negative_slope", &LeakyRelu::negative_slope, "Slope below 0.")
                                       .build();
    return kInfo;
  }
  Value apply(Value x) const override { return relu(x, negative_slope, std::nullopt, 0); }
};

struct Elu final : ActivationOf<Elu> {
  double alpha = 1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<Elu>("elu", "Like ReLU, but bends smoothly to -alpha below 0.")
                                       .arg("alpha", &Elu::alpha, "How far below 0 it goes.")
                                       .build();
    return kInfo;
  }
  Value apply(Value x) const override { return elu(x, alpha); }
};

struct Celu final : ActivationOf<Celu> {
  double alpha = 1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<Celu>("celu", "ELU whose slope at 0 is 1 for every alpha.")
            .arg("alpha", &Celu::alpha, "How far below 0 it goes.", {.min = 0, .above_min = true})
            .build();
    return kInfo;
  }
  Value apply(Value x) const override { return trainyard::relu(x) + alpha * expm1(minimum(x, 0) / alpha); }
};

struct Gelu final : ActivationOf<Gelu> {
  bool approximate = false;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<Gelu>("gelu", "x times the chance that a normal number is below x; used in transformers.")
            .arg("approximate", &Gelu::approximate, "Use the tanh formula instead of erf.")
            .build();
    return kInfo;
  }
  Value apply(Value x) const override { return gelu(x, approximate); }
};

struct HardShrink final : ActivationOf<HardShrink> {
  double threshold = 0.5;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<HardShrink>("hard_shrink", "0 for small values, x for the others.")
            .arg("threshold", &HardShrink::threshold, "Below this |x| becomes 0.", {.min = 0})
            .build();
    return kInfo;
  }
  Value apply(Value x) const override { return select(greater(abs(x), threshold), x, x * 0.0); }
};

struct SoftShrink final : ActivationOf<SoftShrink> {
  double threshold = 0.5;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<SoftShrink>("soft_shrink", "0 for small values, the others moved towards 0.")
            .arg("threshold", &SoftShrink::threshold, "How far values move towards 0.", {.min = 0})
            .build();
    return kInfo;
  }
  Value apply(Value x) const override { return trainyard::relu(x - threshold) - trainyard::relu(-x - threshold); }
};

struct Threshold final : ActivationOf<Threshold> {
  double threshold = 0;
  double default_value = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<Threshold>("threshold", "x above a threshold, a fixed value elsewhere.")
                                       .arg("threshold", &Threshold::threshold, "Values must be above this to pass.")
                                       .arg("default_value", &Threshold::default_value, "What the others become.")
                                       .build();
    return kInfo;
  }
  Value apply(Value x) const override { return select(greater(x, threshold), x, x * 0.0 + default_value); }
};

struct Squareplus final : ActivationOf<Squareplus> {
  double b = 4;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<Squareplus>("squareplus", "A softplus without exponentials: (x + sqrt(x^2 + b)) / 2.")
            .arg("b", &Squareplus::b, "Width of the bend.", {.min = 0})
            .build();
    return kInfo;
  }
  Value apply(Value x) const override { return 0.5 * (x + sqrt(square(x) + b)); }
};

/// An activation along an axis.
template <typename T>
struct AlongAxis : ActivationOf<T> {
  bool elementwise() const override { return false; }
  int64_t axis = -1;
  static Declaration<T> declare_axis(std::string_view name, std::string_view doc) {
    return declare<T>(name, doc).arg("axis", &T::axis, "Axis along which it works.", {.min = -8, .max = 7});
  }
  Shape output_shape(const Shape& shape, std::string& problem) const override {
    if (resolve_axis(axis, shape.rank()) < 0)
      problem = "axis " + std::to_string(axis) + " is not an axis of " + shape.text();
    return shape;
  }
};

struct Softmax final : AlongAxis<Softmax> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare_axis("softmax", "Turns numbers into probabilities that add up to 1.").build();
    return kInfo;
  }
  Value apply(Value x) const override { return softmax(x, static_cast<int>(axis)); }
};

struct LogSoftmax final : AlongAxis<LogSoftmax> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare_axis("log_softmax", "The logarithm of softmax.").build();
    return kInfo;
  }
  Value apply(Value x) const override { return log_softmax(x, static_cast<int>(axis)); }
};

struct Sparsemax final : AlongAxis<Sparsemax> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare_axis("sparsemax", "Like softmax, but small probabilities become exactly 0.").build();
    return kInfo;
  }
  Value apply(Value x) const override { return sparsemax(x, static_cast<int>(axis)); }
};

struct Glu final : AlongAxis<Glu> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare_axis("glu", "One half of x, gated by the sigmoid of the other half.").build();
    return kInfo;
  }
  Shape output_shape(const Shape& shape, std::string& problem) const override {
    AlongAxis::output_shape(shape, problem);
    if (!problem.empty()) return shape;
    Shape half = shape;
    int64_t& size = half[resolve_axis(axis, shape.rank())];
    if (size != kUnknown && size % 2 != 0)
      problem = "glu halves axis " + std::to_string(axis) + ", whose size is odd in " + shape.text();
    if (size != kUnknown) size /= 2;
    return half;
  }
  Value apply(Value x) const override {
    const int along = resolve_axis(axis, x.rank());
    std::vector<int64_t> start(static_cast<size_t>(x.rank()), 0);
    std::vector<int64_t> sizes = x.shape().dims();
    int64_t& size = sizes[static_cast<size_t>(along)];
    size /= 2;
    const Value a = slice(x, start, sizes);
    start[static_cast<size_t>(along)] = size;
    return a * sigmoid(slice(x, start, sizes));
  }
};

}  // namespace

std::vector<const ClassInfo*> parametric_infos() {
  return {&Relu::declaration(),       &LeakyRelu::declaration(),  &Elu::declaration(),        &Celu::declaration(),
          &Gelu::declaration(),       &HardShrink::declaration(), &SoftShrink::declaration(), &Threshold::declaration(),
          &Squareplus::declaration(), &Softmax::declaration(),    &LogSoftmax::declaration(), &Sparsemax::declaration(),
          &Glu::declaration()};
}

}  // namespace trainyard::activations

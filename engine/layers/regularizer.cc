// Formulas: keras.regularizers of Keras 3 (https://keras.io/api/layers/regularizers/).
#include "engine/layers/regularizer.h"

namespace trainyard {
namespace {

template <typename T>
class RegularizerOf : public Regularizer {
 public:
  const ClassInfo& info() const override { return T::declaration(); }
};

Value l1_term(Value x, double l1) { return l1 * sum(abs(x)); }
Value l2_term(Value x, double l2) { return l2 * sum(square(x)); }

struct L1 final : RegularizerOf<L1> {
  double l1 = 0.01;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<L1>("L1", "regularizers", "Pulls weights towards 0 and makes many exactly 0.")
            .aliases({"l1"})
            .arg("l1", &L1::l1, "Factor on the sum of absolute values.", {.min = 0})
            .build();
    return kInfo;
  }
  Value penalty(Value x) const override { return l1_term(x, l1); }
};

struct L2 final : RegularizerOf<L2> {
  double l2 = 0.01;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = Declaration<L2>("L2", "regularizers", "Pulls large weights towards 0.")
                                       .aliases({"l2"})
                                       .arg("l2", &L2::l2, "Factor on the sum of squares.", {.min = 0})
                                       .build();
    return kInfo;
  }
  Value penalty(Value x) const override { return l2_term(x, l2); }
};

struct L1L2 final : RegularizerOf<L1L2> {
  double l1 = 0;
  double l2 = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = Declaration<L1L2>("L1L2", "regularizers", "L1 and L2 together.")
                                       .aliases({"l1_l2"})
                                       .arg("l1", &L1L2::l1, "Factor on the sum of absolute values.", {.min = 0})
                                       .arg("l2", &L1L2::l2, "Factor on the sum of squares.", {.min = 0})
                                       .build();
    return kInfo;
  }
  Value penalty(Value x) const override {
    if (l2 == 0) return l1_term(x, l1);
    return l1 == 0 ? l2_term(x, l2) : l1_term(x, l1) + l2_term(x, l2);
  }
};

enum class OrthogonalMode : uint8_t { rows, columns };
constexpr std::array<std::string_view, 2> choice_names(OrthogonalMode) { return {"rows", "columns"}; }

struct OrthogonalRegularizer final : RegularizerOf<OrthogonalRegularizer> {
  double factor = 0.01;
  OrthogonalMode mode = OrthogonalMode::rows;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<OrthogonalRegularizer>("OrthogonalRegularizer", "regularizers",
                                           "Pushes rows (or columns) to be at right angles.")
            .aliases({"orthogonal_regularizer"})
            .arg("factor", &OrthogonalRegularizer::factor, "Strength.")
            .arg("mode", &OrthogonalRegularizer::mode, "Which vectors of the weight are meant.")
            .build();
    return kInfo;
  }
  std::string problem(const Shape& shape) const override {
    return shape.rank() == 2 ? "" : "OrthogonalRegularizer needs 2 dimensions, this is " + shape.text();
  }
  /// Half the mean over pairs, |cosine| between unit vectors. x: [rows, columns].
  Value penalty(Value x) const override {
    check(x.rank() == 2, "vectors are rows or columns of a matrix");
    const bool rows = mode == OrthogonalMode::rows;
    // A vector of zeros stays one, and has a gradient.
    const Value unit = x * rsqrt(maximum(sum(square(x), {rows ? 1 : 0}, true), 1e-14));
    const Value product = rows ? matmul(unit, unit, false, true) : matmul(unit, unit, true, false);
    const int64_t size = product.shape()[0];
    Tensor off_diagonal(DType::f64, product.shape());
    const auto mask = off_diagonal.span<double>();
    for (int64_t i = 0; i < size * size; ++i) mask[static_cast<size_t>(i)] = i / size == i % size ? 0 : 1;
    const double pairs = static_cast<double>(size) * static_cast<double>(size - 1) / 2;
    const Value masked = product * x.graph().constant(off_diagonal.cast(x.dtype()));
    return sum(abs(masked)) * (pairs > 0 ? factor * 0.5 / pairs : 0);
  }
};

}  // namespace

namespace regularizers {

Ref<Regularizer> l1_l2(double l1, double l2) {
  auto object = std::make_shared<L1L2>();
  object->l1 = l1;
  object->l2 = l2;
  return Ref<Regularizer>(std::move(object));
}

}  // namespace regularizers

const Registry& Regularizer::registry() {
  static const Registry kRegistry(
      kGroup, {&L1::declaration(), &L1L2::declaration(), &L2::declaration(), &OrthogonalRegularizer::declaration()});
  return kRegistry;
}

}  // namespace trainyard

// Formulas: keras.constraints of Keras 3 (https://keras.io/api/layers/constraints/).
#include "engine/layers/constraint.h"

#include <set>

namespace trainyard {
namespace {

/// keras.config.epsilon()
constexpr double kEpsilon = 1e-7;

template <typename T>
class ConstraintOf : public Constraint {
 public:
  const ClassInfo& info() const override { return T::declaration(); }
};

/// Constraints on the norm along axes.
template <typename T>
struct NormConstraint : ConstraintOf<T> {
  Axis axis = 0;

  std::string problem(const Shape& shape) const override {
    std::set<int> seen;
    for (const int64_t entry : axis.axes) {
      const int place = resolve_axis(entry, shape.rank());
      if (place < 0) return "axis " + std::to_string(entry) + " is not an axis of the weight, which is " + shape.text();
      if (!seen.insert(place).second) return "axis " + std::to_string(entry) + " is named twice";
    }
    return {};
  }

 protected:
  Value norms(Value w) const {
    std::vector<int> axes(axis.axes.begin(), axis.axes.end());
    return sqrt(sum(square(w), axes, true));
  }
};

constexpr const char* kAxisDoc =
    "Dimensions along which the norm is taken; 0 for a Dense kernel, [0, 1, 2] for a Conv2D one.";
inline constexpr ArgOptions kAxisRange{.min = -8, .max = 7};

struct MaxNorm final : NormConstraint<MaxNorm> {
  double max_value = 2;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<MaxNorm>("MaxNorm", "constraints", "Norms no larger than a limit.")
            .aliases({"max_norm"})
            .arg("max_value", &MaxNorm::max_value, "The limit.", {.min = 0, .open_ended = true})
            .arg("axis", &MaxNorm::axis, kAxisDoc, kAxisRange)
            .build();
    return kInfo;
  }
  Value project(Value w) const override {
    const Value norm = norms(w);
    return w * (clip(norm, 0, max_value) / (kEpsilon + norm));
  }
};

struct MinMaxNorm final : NormConstraint<MinMaxNorm> {
  double min_value = 0;
  double max_value = 1;
  double rate = 1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<MinMaxNorm>("MinMaxNorm", "constraints", "Norms within a range.")
            .aliases({"min_max_norm"})
            .arg("min_value", &MinMaxNorm::min_value, "Smallest norm.", {.min = 0})
            .arg("max_value", &MinMaxNorm::max_value, "Largest norm.", {.min = 0, .open_ended = true})
            .arg("rate", &MinMaxNorm::rate, "How much of the way to go at each update.", {.min = 0, .max = 1})
            .arg("axis", &MinMaxNorm::axis, kAxisDoc, kAxisRange)
            .build();
    return kInfo;
  }
  Value project(Value w) const override {
    const Value norm = norms(w);
    const Value wanted = rate * clip(norm, min_value, max_value) + (1 - rate) * norm;
    return w * (wanted / (kEpsilon + norm));
  }
};

struct NonNeg final : ConstraintOf<NonNeg> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        Declaration<NonNeg>("NonNeg", "constraints", "No weight below 0.").aliases({"non_neg"}).build();
    return kInfo;
  }
  Value project(Value w) const override { return w * cast(greater_equal(w, 0), w.dtype()); }
};

struct UnitNorm final : NormConstraint<UnitNorm> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = Declaration<UnitNorm>("UnitNorm", "constraints", "Every norm is 1.")
                                       .aliases({"unit_norm"})
                                       .arg("axis", &UnitNorm::axis, kAxisDoc, kAxisRange)
                                       .build();
    return kInfo;
  }
  Value project(Value w) const override { return w / (kEpsilon + norms(w)); }
};

}  // namespace

const Registry& Constraint::registry() {
  static const Registry kRegistry(
      kGroup, {&MaxNorm::declaration(), &MinMaxNorm::declaration(), &NonNeg::declaration(), &UnitNorm::declaration()});
  return kRegistry;
}

}  // namespace trainyard

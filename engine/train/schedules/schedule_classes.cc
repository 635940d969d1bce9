// keras.optimizers.schedules, worked out in double.
#include "engine/train/schedules/schedule_classes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/train/number_list.h"

namespace trainyard {
namespace {

constexpr ArgOptions kRate{.min = 0, .required = true};

/// Adds what all schedules take and closes the declaration.
template <typename T>
ClassInfo finish_schedule(Declaration<T>& declaration) {
  return declaration.arg("name", &T::name, "Name of the schedule", {.advanced = true, .null_is_default = true}).build();
}

/// 1 at 0 falling to 0 at 1 along half a cosine wave.
double half_cosine(double fraction) { return 0.5 * (1 + std::cos(std::numbers::pi * fraction)); }

class ExponentialDecay final : public Schedule {
 public:
  double initial_learning_rate = 0.1;
  int64_t decay_steps = 1000;
  double decay_rate = 0.96;
  bool staircase = false;
  ExponentialDecay() { name = "ExponentialDecay"; }
  const ClassInfo& info() const override { return class_info(); }
  double at(int64_t step) const override {
    const double periods = static_cast<double>(step) / static_cast<double>(decay_steps);
    return initial_learning_rate * std::pow(decay_rate, staircase ? std::floor(periods) : periods);
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_schedule(
        Declaration<ExponentialDecay>("ExponentialDecay", "decay", "Multiplies the rate by a factor over each period")
            .summary({"initial_learning_rate", "decay_steps", "decay_rate"})
            .arg("initial_learning_rate", &ExponentialDecay::initial_learning_rate, "Rate at the first step", kRate)
            .arg("decay_steps", &ExponentialDecay::decay_steps, "Steps of a period", kRequiredPositive)
            .arg("decay_rate", &ExponentialDecay::decay_rate, "Factor of a period", kRate)
            .arg("staircase", &ExponentialDecay::staircase, "Changes only at the end of each period"));
    return kInfo;
  }
};

class InverseTimeDecay final : public Schedule {
 public:
  double initial_learning_rate = 0.1;
  int64_t decay_steps = 1000;
  double decay_rate = 0.5;
  bool staircase = false;
  InverseTimeDecay() { name = "InverseTimeDecay"; }
  const ClassInfo& info() const override { return class_info(); }
  double at(int64_t step) const override {
    const double periods = static_cast<double>(step) / static_cast<double>(decay_steps);
    return initial_learning_rate / (1 + decay_rate * (staircase ? std::floor(periods) : periods));
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_schedule(
        Declaration<InverseTimeDecay>("InverseTimeDecay", "decay", "Divides the rate by a number that grows steadily")
            .summary({"initial_learning_rate", "decay_steps", "decay_rate"})
            .arg("initial_learning_rate", &InverseTimeDecay::initial_learning_rate, "Rate at the first step", kRate)
            .arg("decay_steps", &InverseTimeDecay::decay_steps, "Steps of a period", kRequiredPositive)
            .arg("decay_rate", &InverseTimeDecay::decay_rate, "What a period adds to the divisor", kRate)
            .arg("staircase", &InverseTimeDecay::staircase, "Changes only at the end of each period"));
    return kInfo;
  }
};

class PolynomialDecay final : public Schedule {
 public:
  double initial_learning_rate = 0.1;
  int64_t decay_steps = 1000;
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;
  PolynomialDecay() { name = "PolynomialDecay"; }
  const ClassInfo& info() const override { return class_info(); }
  double at(int64_t step) const override {
    double length = static_cast<double>(decay_steps);
    double done = static_cast<double>(step);
    if (cycle)
      length *= step == 0 ? 1 : std::ceil(done / length);
    else
      done = std::min(done, length);
    return (initial_learning_rate - end_learning_rate) * std::pow(1 - done / length, power) + end_learning_rate;
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_schedule(
        Declaration<PolynomialDecay>("PolynomialDecay", "decay",
                                     "Falls to an end rate, in a line or along a power of it")
            .summary({"initial_learning_rate", "decay_steps", "end_learning_rate"})
            .arg("initial_learning_rate", &PolynomialDecay::initial_learning_rate, "Rate at the first step", kRate)
            .arg("decay_steps", &PolynomialDecay::decay_steps, "Steps until the end rate", kRequiredPositive)
            .arg("end_learning_rate", &PolynomialDecay::end_learning_rate, "Rate at the end", {.min = 0})
            .arg("power", &PolynomialDecay::power, "1 is a line, more falls faster at first", {.min = 0})
            .arg("cycle", &PolynomialDecay::cycle, "Starts again, each time over a longer stretch", kAdvanced));
    return kInfo;
  }
};

class PiecewiseConstantDecay final : public Schedule {
 public:
  std::vector<int64_t> boundaries{1000};
  NumberList values{{0.1, 0.01}};
  PiecewiseConstantDecay() { name = "PiecewiseConstant"; }
  const ClassInfo& info() const override { return class_info(); }
  double at(int64_t step) const override {
    size_t piece = 0;  // a boundary's own step still belongs to the piece before it
    while (piece < boundaries.size() && step > boundaries[piece]) ++piece;
    return values.values[piece];
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_schedule(Declaration<PiecewiseConstantDecay>("PiecewiseConstantDecay", "pieces",
                                                            "Jumps from rate to rate at given steps")
                            .summary({"boundaries", "values"})
                            .arg("boundaries", &PiecewiseConstantDecay::boundaries,
                                 "Last step of each piece but the last", {.min = 0, .required = true})
                            .arg("values", &PiecewiseConstantDecay::values,
                                 "Rate of each piece, one more than boundaries", {.min = 0, .required = true})
                            .rule([](const PiecewiseConstantDecay& schedule, const ParseContext& context) {
                              check(schedule, context);
                            }));
    return kInfo;
  }

 private:
  static void check(const PiecewiseConstantDecay& schedule, const ParseContext& context) {
    if (schedule.values.values.size() != schedule.boundaries.size() + 1)
      context.child("values").error("schedule.values", {{"boundaries", std::to_string(schedule.boundaries.size())},
                                                        {"values", std::to_string(schedule.values.values.size())}});
    if (std::adjacent_find(schedule.boundaries.begin(), schedule.boundaries.end(), std::greater_equal<>()) !=
        schedule.boundaries.end())
      context.child("boundaries").error("schedule.boundaries");
  }
};

class CosineDecay final : public Schedule {
 public:
  double initial_learning_rate = 0.1;
  int64_t decay_steps = 1000;
  double alpha = 0;
  std::optional<double> warmup_target;
  int64_t warmup_steps = 0;
  CosineDecay() { name = "CosineDecay"; }
  const ClassInfo& info() const override { return class_info(); }
  double at(int64_t step) const override {
    if (!warmup_target) return decayed(initial_learning_rate, step);
    if (step >= warmup_steps) return decayed(*warmup_target, step - warmup_steps);
    const double warm = static_cast<double>(step) / static_cast<double>(warmup_steps);
    return initial_learning_rate + (*warmup_target - initial_learning_rate) * warm;
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_schedule(
        Declaration<CosineDecay>("CosineDecay", "cosine", "Falls along half a cosine wave, after a warmup if wanted")
            .summary({"initial_learning_rate", "decay_steps"})
            .arg("initial_learning_rate", &CosineDecay::initial_learning_rate, "Rate at the first step", kRate)
            .arg("decay_steps", &CosineDecay::decay_steps, "Steps of the fall", kRequiredPositive)
            .arg("alpha", &CosineDecay::alpha, "Rate at the end, as a share of the highest", {.min = 0})
            .arg("warmup_target", &CosineDecay::warmup_target, "Rate that the warmup climbs to; none means no warmup",
                 {.min = 0})
            .arg("warmup_steps", &CosineDecay::warmup_steps, "Steps of the warmup", {.min = 0}));
    return kInfo;
  }

 private:
  double decayed(double from, int64_t step) const {
    const double fraction = static_cast<double>(std::min(step, decay_steps)) / static_cast<double>(decay_steps);
    return from * ((1 - alpha) * half_cosine(fraction) + alpha);
  }
};

class CosineDecayRestarts final : public Schedule {
 public:
  double initial_learning_rate = 0.1;
  int64_t first_decay_steps = 1000;
  double t_mul = 2;
  double m_mul = 1;
  double alpha = 0;
  CosineDecayRestarts() { name = "SGDRDecay"; }
  const ClassInfo& info() const override { return class_info(); }
  double at(int64_t step) const override {
    // Lengths in units of the first period; Keras finds the period by a logarithm, which rounds at its edges.
    double left = static_cast<double>(step) / static_cast<double>(first_decay_steps);
    double period = 0;
    double length = 1;
    if (t_mul == 1) {
      period = std::floor(left);
      left -= period;
    } else {
      period = std::floor(std::log(1 - left * (1 - t_mul)) / std::log(t_mul) + kEdge);
      length = std::pow(t_mul, period);
      left = std::max(0.0, left - (1 - length) / (1 - t_mul)) / length;
    }
    return initial_learning_rate * ((1 - alpha) * std::pow(m_mul, period) * half_cosine(left) + alpha);
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_schedule(
        Declaration<CosineDecayRestarts>("CosineDecayRestarts", "cosine",
                                         "Falls along a cosine, jumps up, falls again, more slowly each time")
            .summary({"initial_learning_rate", "first_decay_steps"})
            .arg("initial_learning_rate", &CosineDecayRestarts::initial_learning_rate, "Rate at the first step", kRate)
            .arg("first_decay_steps", &CosineDecayRestarts::first_decay_steps, "Steps of the first fall",
                 kRequiredPositive)
            .arg("t_mul", &CosineDecayRestarts::t_mul, "Each fall is this many times longer than the one before",
                 {.min = 1})
            .arg("m_mul", &CosineDecayRestarts::m_mul, "Each fall starts from this share of the rate before",
                 {.min = 0})
            .arg("alpha", &CosineDecayRestarts::alpha, "Rate at the end of a fall, as a share of the first",
                 {.min = 0}));
    return kInfo;
  }

 private:
  /// Pulls a restart's own step, where the logarithm should be whole, to the period that begins there.
  static constexpr double kEdge = 1e-9;
};

}  // namespace

std::vector<const ClassInfo*> schedule_classes() {
  return {&CosineDecay::class_info(),      &CosineDecayRestarts::class_info(),    &ExponentialDecay::class_info(),
          &InverseTimeDecay::class_info(), &PiecewiseConstantDecay::class_info(), &PolynomialDecay::class_info()};
}

}  // namespace trainyard

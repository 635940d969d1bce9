// Optimizers that look at a variable as a whole: Adafactor, Lamb.
#include <cmath>

#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

Value rms(Value x) { return sqrt(mean(square(x))); }
Value norm(Value x) { return sqrt(sum(square(x))); }

/// Mean squares kept as a row and a column of each matrix (Shazeer and Stern 2018; keras.optimizers.Adafactor).
class Adafactor final : public Optimizer {
 public:
  double beta_2_decay = -0.8;
  double epsilon_1 = 1e-30;
  double epsilon_2 = 0.001;
  double clip_threshold = 1;
  bool relative_step = true;
  Adafactor() { name = "adafactor"; }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<Adafactor>("Adafactor", "adaptive",
                               "Adam's idea with little memory: for large embeddings and matrices")
            .summary({"learning_rate"})
            .arg("learning_rate", &Adafactor::learning_rate, "Longest relative step")
            .arg("beta_2_decay", &Adafactor::beta_2_decay, "How fast the means of squares settle", {.max = 0})
            .arg("epsilon_1", &Adafactor::epsilon_1, "Keeps the division finite", kEpsilonOptions)
            .arg("epsilon_2", &Adafactor::epsilon_2, "Smallest size of a variable to scale steps by", kEpsilonOptions)
            .arg("clip_threshold", &Adafactor::clip_threshold, "Root mean square that a step may have",
                 {.min = 0, .above_min = true})
            // Keras bounds the step by 1 / sqrt(t) whether this is set or not.
            .arg("relative_step", &Adafactor::relative_step, "Bounds the step by the number of updates",
                 {.advanced = true, .hint = true}));
    return kInfo;
  }

 protected:
  bool updates_by_variable() const override { return true; }
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value rate = context.scalar("adafactor_rate", [](const StepState& state) {
      return std::min(state.learning_rate, 1 / std::sqrt(static_cast<double>(state.iteration + 1)));
    });
    const Value squares = square(gradient) + epsilon_1;
    const Value step =
        gradient / sqrt(variable.rank() < 2 ? whole(context, i, squares) : factored(context, i, squares));
    const Value bounded = step / maximum(rms(step) / clip_threshold, 1.0);
    context.set_variable(i, variable - bounded * (maximum(rms(variable), epsilon_2) * rate));
  }

 private:
  Value fresh_share(UpdateContext& context) const {
    return context.scalar("adafactor_fresh", [decay = beta_2_decay](const StepState& state) {
      return std::pow(static_cast<double>(state.iteration + 1), decay);
    });
  }
  Value follow(UpdateContext& context, int i, const char* slot, Value target) const {
    const Value old = context.slot(i, slot, 0, target.shape());
    const Value now = old + (target - old) * fresh_share(context);
    context.set_slot(i, slot, now);
    return now;
  }
  Value whole(UpdateContext& context, int i, Value squares) const { return follow(context, i, "velocity", squares); }
  /// squares: [..., r, c]  row: [..., r]  column: [..., c]
  Value factored(UpdateContext& context, int i, Value squares) const {
    const Value row = follow(context, i, "row", mean(squares, {-1}));
    const Value column = follow(context, i, "column", mean(squares, {-2}));
    const Value share = row / mean(row, {-1}, true);
    Shape tall = share.shape();
    tall.push_back(1);
    Shape wide = column.shape().slice(0, column.rank() - 1);
    wide.push_back(1);
    wide.push_back(column.shape().back());
    return reshape(share, tall) * reshape(column, wide);
  }
};

/// Adam whose step is scaled to the size of each variable (You et al. 2019; keras.optimizers.Lamb).
class Lamb final : public Optimizer {
 public:
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  Lamb() { name = "lamb"; }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<Lamb>("Lamb", "adaptive", "Adam with steps scaled to each layer's weights: for very large batches")
            .summary({"learning_rate"})
            .arg("learning_rate", &Lamb::learning_rate, "Length of a step, relative to the weights")
            .arg("beta_1", &Lamb::beta_1, "How slowly the mean of the gradients follows", kDecayRate)
            .arg("beta_2", &Lamb::beta_2, "How slowly the mean of their squares follows", kDecayRate)
            .arg("epsilon", &Lamb::epsilon, "Keeps the division finite", kEpsilonOptions));
    return kInfo;
  }

 protected:
  bool updates_by_variable() const override { return true; }
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value m = toward(context.slot(i, "momentum"), gradient, 1 - beta_1);
    const Value v = toward(context.slot(i, "velocity"), square(gradient), 1 - beta_2);
    context.set_slot(i, "momentum", m);
    context.set_slot(i, "velocity", v);
    const Value step =
        m * unbias(context, "lamb_unbias_1", beta_1) / (sqrt(v * unbias(context, "lamb_unbias_2", beta_2)) + epsilon);
    const Value size = norm(variable);
    const Value step_size = norm(step);
    const Value both = binary(op::BinaryKind::logical_and, greater(size, 0.0), greater(step_size, 0.0));
    const Value trust = select(both, size / step_size, 1.0);
    context.set_variable(i, variable - step * (trust * learning_rate_value(context)));
  }

 private:
  static Value unbias(UpdateContext& context, const char* name, double beta) {
    return context.scalar(name, [beta](const StepState& state) {
      return 1 / (1 - std::pow(beta, static_cast<double>(state.iteration + 1)));
    });
  }
};

}  // namespace

std::vector<const ClassInfo*> matrix_optimizers() { return {&Adafactor::class_info(), &Lamb::class_info()}; }

}  // namespace trainyard

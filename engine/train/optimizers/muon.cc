#include <cmath>

#include "engine/train/optimizers/optimizer_classes.h"
#include "engine/train/optimizers/text_list.h"
#include "engine/train/pattern.h"

namespace trainyard {
namespace {

bool contains_pattern(const std::string& text, const std::string& pattern) {
  const std::optional<Pattern> compiled = Pattern::compile(pattern);
  return compiled && compiled->occurs_in(text);
}

/// Momentum made orthogonal by Newton-Schulz steps for matrices, AdamW for the rest (Jordan 2024, Liu et al. 2025;
/// keras.optimizers.Muon).
class Muon final : public Optimizer {
 public:
  double adam_beta_1 = 0.9;
  double adam_beta_2 = 0.999;
  std::optional<double> adam_weight_decay = 0.004;
  double epsilon = 1e-7;
  TextList exclude_layers;
  bool exclude_embeddings = true;
  double muon_a = 3.4445;
  double muon_b = -4.775;
  double muon_c = 2.0315;
  double adam_lr_ratio = 1;
  double momentum = 0.95;
  int64_t ns_steps = 5;
  bool nesterov = true;
  std::optional<double> rms_rate = 0.2;
  Muon() {
    weight_decay = 0.004;
    name = "muon";
  }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info();

 protected:
  bool updates_by_variable() const override { return true; }
  bool decays_weights() const override { return false; }
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    if (uses_adam(context.path(i), variable.rank()))
      update_by_adam(context, i, variable, gradient);
    else
      update_by_muon(context, i, variable, gradient);
  }

 private:
  bool uses_adam(const std::string& path, int rank) const {
    if (rank != 2) return true;
    if (exclude_embeddings && Pattern::compile("embedding", true)->occurs_in(path)) return true;
    for (const std::string& pattern : exclude_layers.texts)
      if (contains_pattern(path, pattern)) return true;
    return false;
  }
  static Value decayed(UpdateContext& context, const std::string& name, Value variable, std::optional<double> decay) {
    if (!decay) return variable;
    const Value shrink = context.scalar(name, [d = *decay](const StepState& state) { return d * state.learning_rate; });
    return variable - variable * shrink;
  }
  void update_by_adam(UpdateContext& context, int i, Value variable, Value gradient) const;
  void update_by_muon(UpdateContext& context, int i, Value variable, Value gradient) const;
  Value orthogonal(Value x) const;
};

void Muon::update_by_adam(UpdateContext& context, int i, Value variable, Value gradient) const {
  const Value rate = context.scalar(
      "muon_adam_rate", [b1 = adam_beta_1, b2 = adam_beta_2, ratio = adam_lr_ratio](const StepState& state) {
        const double t = static_cast<double>(state.iteration + 1);
        return ratio * state.learning_rate * std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t));
      });
  const Value m = toward(context.slot(i, "momentum"), gradient, 1 - adam_beta_1);
  const Value v = toward(context.slot(i, "velocity"), square(gradient), 1 - adam_beta_2);
  context.set_slot(i, "momentum", m);
  context.set_slot(i, "velocity", v);
  context.set_variable(
      i, decayed(context, "muon_adam_decay", variable, adam_weight_decay) - m * rate / (sqrt(v) + epsilon));
}

void Muon::update_by_muon(UpdateContext& context, int i, Value variable, Value gradient) const {
  const Value m = context.slot(i, "momentum") * momentum + gradient;
  context.set_slot(i, "momentum", m);
  Value step = orthogonal(nesterov ? gradient + m * momentum : m) * learning_rate_value(context);
  const double longest = static_cast<double>(std::max(variable.shape()[0], variable.shape()[1]));
  if (rms_rate) step = step * (std::sqrt(longest) * *rms_rate);
  context.set_variable(i, decayed(context, "muon_decay", variable, weight_decay) - step);
}

/// Drives the singular values of the matrix toward 1. x: [r, c]
Value Muon::orthogonal(Value x) const {
  constexpr double kNormEpsilon = 1e-7;  // Keras's, whatever `epsilon` says
  const bool tall = x.shape()[0] > x.shape()[1];
  if (tall) x = transpose(x, {1, 0});
  x = x / (sqrt(sum(square(x))) + kNormEpsilon);
  for (int64_t step = 0; step < ns_steps; ++step) {
    const Value a = matmul(x, x, false, true);
    const Value b = a * muon_b + matmul(a, a) * muon_c;
    x = x * muon_a + matmul(b, x);
  }
  return tall ? transpose(x, {1, 0}) : x;
}

const ClassInfo& Muon::class_info() {
  static const ClassInfo kInfo = finish_optimizer(
      Declaration<Muon>("Muon", "orthogonal",
                        "Turns the momentum of each matrix into an orthogonal step; AdamW for the rest")
          .summary({"learning_rate"})
          .arg("learning_rate", &Muon::learning_rate, "Length of a step")
          .arg("adam_beta_1", &Muon::adam_beta_1, "AdamW: how slowly the mean of the gradients follows", kDecayRate)
          .arg("adam_beta_2", &Muon::adam_beta_2, "AdamW: how slowly the mean of their squares follows", kDecayRate)
          .arg("adam_weight_decay", &Muon::adam_weight_decay, "AdamW: shrinks the weights by this share at each update",
               {.min = 0})
          .arg("epsilon", &Muon::epsilon, "AdamW: keeps the division finite", kEpsilonOptions)
          .arg("exclude_layers", &Muon::exclude_layers,
               "Patterns of variable paths that AdamW updates (the output layer)")
          .arg("exclude_embeddings", &Muon::exclude_embeddings, "AdamW updates embeddings", kAdvanced)
          .arg("muon_a", &Muon::muon_a, "First coefficient of the orthogonalising polynomial", kAdvanced)
          .arg("muon_b", &Muon::muon_b, "Second coefficient", kAdvanced)
          .arg("muon_c", &Muon::muon_c, "Third coefficient", kAdvanced)
          .arg("adam_lr_ratio", &Muon::adam_lr_ratio, "AdamW's learning rate as a share of Muon's", {.min = 0})
          .arg("momentum", &Muon::momentum, "Share of the momentum that is kept", kMomentum)
          .arg("ns_steps", &Muon::ns_steps, "Steps of the orthogonalisation", {.min = 1, .max = 100, .advanced = true})
          .arg("nesterov", &Muon::nesterov, "Looks ahead along the momentum before stepping", kAdvanced)
          .arg("rms_rate", &Muon::rms_rate, "Scales steps to the size that AdamW's have; none leaves them",
               {.min = 0, .advanced = true})
          .rule([](const Muon& muon, const ParseContext& context) {
            check_patterns(muon.exclude_layers, context.child("exclude_layers"));
          }));
  return kInfo;
}

}  // namespace

std::vector<const ClassInfo*> muon_optimizers() { return {&Muon::class_info()}; }

}  // namespace trainyard

// Declarations of the arguments that cells and recurrent layers share.
#pragma once

#include "engine/layers/recurrent_cell.h"
#include "engine/layers/weight_arguments.h"

namespace trainyard {

inline constexpr const char* kDropoutDoc =
    "Share of the inputs that is set to 0 while training, the same at every step.";
inline constexpr const char* kRecurrentDropoutDoc =
    "Share of the state that is set to 0 while training, the same at every step.";
inline constexpr ArgOptions kDropoutRange{.min = 0, .max = 1};
inline constexpr ArgOptions kAdvancedDropoutRange{.min = 0, .max = 1, .advanced = true};

/// What comes after the activations: weights, dropout, seed.
template <typename T>
void add_cell_weights(Declaration<T>& declaration, bool prints_seed) {
  declaration.arg("use_bias", &T::use_bias, "Add a trained number to each gate.");
  add_initializer(declaration, "kernel", &T::kernel_initializer, "the kernel");
  add_initializer(declaration, "recurrent", &T::recurrent_initializer, "the recurrent kernel");
  add_initializer(declaration, "bias", &T::bias_initializer, "the bias");
  add_regularizer(declaration, "kernel", &T::kernel_regularizer, "the kernel");
  add_regularizer(declaration, "recurrent", &T::recurrent_regularizer, "the recurrent kernel");
  add_regularizer(declaration, "bias", &T::bias_regularizer, "the bias");
  add_constraint(declaration, "kernel", &T::kernel_constraint, "the kernel");
  add_constraint(declaration, "recurrent", &T::recurrent_constraint, "the recurrent kernel");
  add_constraint(declaration, "bias", &T::bias_constraint, "the bias");
  declaration.arg("dropout", &T::dropout, kDropoutDoc, kDropoutRange)
      .arg("recurrent_dropout", &T::recurrent_dropout, kRecurrentDropoutDoc, kAdvancedDropoutRange);
  ArgOptions seed = kSeedRange;
  seed.omit_null = !prints_seed;
  declaration.arg("seed", &T::seed, kSeedDoc, seed);
}

template <typename T>
void add_cell_arguments(Declaration<T>& declaration, bool prints_seed = true) {
  declaration.arg("units", &T::units, "Size of the state, and of what is put out.", kRequiredPositive)
      .arg("activation", &T::activation, "Function applied to the new content of the state.");
  add_cell_weights(declaration, prints_seed);
  declaration.summary({"units"});
}

template <typename T>
void add_gate_arguments(Declaration<T>& declaration) {
  declaration.arg("recurrent_activation", &T::recurrent_activation, "Function applied to the gates.", kAdvanced);
  declaration.arg("implementation", &T::implementation,
                  "0 and 1: each gate has dropout masks of its own. 2: they share one.",
                  {.min = 0, .max = 2, .advanced = true, .omit_null = true});
}

inline constexpr const char* kForgetBiasDoc =
    "Begin with a bias of 1 for the forget gate, so that the state is kept at first.";
inline constexpr const char* kResetAfterDoc =
    "Where the reset gate acts: on the product with the state (on), or on the state before it (off).";

}  // namespace trainyard

// Arguments that come in threes: how a weight begins, what penalises it, what bounds it.
#pragma once

#include "engine/layers/layer_declaration.h"

namespace trainyard {

/// Adds <name>_initializer. `what`: "the kernel".
template <typename T, typename Owner>
void add_initializer(Declaration<T>& declaration, const std::string& name, Ref<Initializer> Owner::*member,
                     const std::string& what) {
  declaration.arg(name + "_initializer", member, "How " + what + " begins.", {.advanced = true});
}

template <typename T, typename Owner>
void add_regularizer(Declaration<T>& declaration, const std::string& name, Ref<Regularizer> Owner::*member,
                     const std::string& what) {
  declaration.arg(name + "_regularizer", member, "Penalty on " + what + ", added to the loss.", {.advanced = true});
}

template <typename T, typename Owner>
void add_constraint(Declaration<T>& declaration, const std::string& name, Ref<Constraint> Owner::*member,
                    const std::string& what) {
  declaration.arg(name + "_constraint", member, "Bound on " + what + ", applied after each update.",
                  {.advanced = true});
}

/// The six of a kernel and a bias.
template <typename T>
void add_kernel_and_bias(Declaration<T>& declaration) {
  add_initializer(declaration, "kernel", &T::kernel_initializer, "the kernel");
  add_initializer(declaration, "bias", &T::bias_initializer, "the bias");
  add_regularizer(declaration, "kernel", &T::kernel_regularizer, "the kernel");
  add_regularizer(declaration, "bias", &T::bias_regularizer, "the bias");
  add_constraint(declaration, "kernel", &T::kernel_constraint, "the kernel");
  add_constraint(declaration, "bias", &T::bias_constraint, "the bias");
}

inline constexpr const char* kActivationDoc = "Function applied to the result; linear leaves it as it is.";
inline constexpr const char* kUseBiasDoc = "Add a trained number to each output.";

}  // namespace trainyard

// Activation functions, as keras.activations.
#pragma once

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

class Activation : public Declared {
 public:
  static constexpr const char* kGroup = "activations";
  static const Registry& registry();
  /// The bare name, as Keras writes it ("relu", "linear").
  static Json print(const Activation& object);

  /// y of x's shape.
  virtual Value apply(Value x) const = 0;
};

/// The `activation` argument of layers: None means linear and prints as "linear".
class ActivationArg {
 public:
  /// Linear.
  ActivationArg() = default;
  explicit ActivationArg(Ref<Activation> activation) : activation_(std::move(activation)) {}
  bool is_linear() const { return !activation_; }
  Value apply(Value x) const { return activation_ ? activation_->apply(x) : x; }
  const Ref<Activation>& get() const { return activation_; }

 private:
  Ref<Activation> activation_;
};

template <>
struct ArgTraits<ActivationArg> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, ActivationArg& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const ActivationArg& value);
};

}  // namespace trainyard

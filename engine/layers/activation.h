// Activation functions, as keras.activations.
#pragma once

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

class Activation : public Declared {
 public:
  static constexpr const char* kGroup = "activations";
  static const Registry& registry();
  /// The bare name, as Keras writes it ("relu", "linear"), where every argument has its default; else {class_name, config}.
  static Json print(const Activation& object);

  /// Works on each element by itself, so that the order of dimensions does not matter.
  virtual bool elementwise() const { return true; }
  /// What x's shape becomes: the same, but for glu. `problem` says what does not fit, or stays empty.
  virtual Shape output_shape(const Shape& shape, std::string& problem) const;
  virtual Value apply(Value x) const = 0;
};

/// The `activation` argument of layers: None means linear and prints as "linear".
class ActivationArg {
 public:
  /// Linear.
  ActivationArg() = default;
  /// By its Keras name, which must be one of the registry's.
  explicit ActivationArg(std::string_view name);
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

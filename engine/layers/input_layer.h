// keras.layers.InputLayer
#pragma once

#include "engine/layers/layer_declaration.h"

namespace trainyard {

template <>
struct ArgTraits<DType> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, DType& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(DType value) { return name_of(value); }
};

/// What enters a model: numbers of a dtype, or strings ("string").
struct InputDType {
  DType dtype = DType::f32;
  bool text = false;
  operator DType() const { return dtype; }  // NOLINT: for those that know it is no text
};

template <>
struct ArgTraits<InputDType> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, InputDType& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const InputDType& value);
};

/// A flag that acts on nothing; printed only where it is off.
struct IdleFlag {
  bool on = true;
};

template <>
struct ArgTraits<IdleFlag> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::flag; }
  static bool parse(const Json& value, IdleFlag& result, const ArgSpec& spec, const ParseContext& context) {
    return ArgTraits<bool>::parse(value, result.on, spec, context);
  }
  static Json print(IdleFlag value) { return value.on ? Json(nullptr) : Json(false); }
};

namespace layers {

/// A place where a tensor enters the model.
struct InputLayer final : LayerOf<InputLayer> {
  /// With the batch; empty until given. `shape` and `batch_size` are folded into it.
  std::optional<Shape> batch_shape;
  std::optional<Shape> shape;
  std::optional<int64_t> batch_size;
  InputDType input_dtype;
  /// lower_model may be given no value for it; layers that name their inputs (attention) then do without.
  bool optional = false;
  /// Taken as Keras takes them, and as there without effect: an input has no weights and is not penalised.
  IdleFlag given_trainable;
  Ref<Regularizer> given_regularizer;

  static const ClassInfo& declaration();
  InputArity arity() const override { return {0, 0}; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override;
  /// Never: the model's inputs are bound to it.
  void call(CallContext& context) const override;
};

}  // namespace layers
}  // namespace trainyard

// keras.layers.Conv1D, Conv2D, Conv3D
#pragma once

#include <optional>
#include <vector>

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/window_geometry.h"

namespace trainyard::layers {

/// What activation and bias add to a convolution of any kind. y: channels_last.
/// Returns the layer's output, in the layer's own data format.
Value finish_convolution(Value y, Value bias, const ActivationArg& activation, DataFormat format);

/// Checks an activation's argument against the output's shape (in the layer's format); adds the output.
void add_convolution_output(BuildContext& context, const ActivationArg& activation, const Shape& channels_last,
                            DataFormat format);

/// Complains where strides and dilation are both above 1, which Keras refuses.
void check_strides_and_dilation(const std::vector<int64_t>& strides, const std::vector<int64_t>& dilation,
                                const ParseContext& context);

/// Each channel with `multiplier` filters of its own. kernel: [k1.., c, multiplier] -> y: [n, e1.., c * multiplier].
Value depthwise(Value x, Value kernel, const Window& window);

/// A transposed convolution: the gradient of a convolution by its input. `same` makes the output strides times as large.
struct TransposedWindow {
  Window window;  // valid or same
  std::optional<std::vector<int64_t>> output_padding = {};

  /// Of dimension i: zeros cut off before, and the rows beyond what strides and kernel cover.
  struct Ends {
    int64_t low;
    int64_t extra;
  };
  int64_t reach(size_t i) const { return (window.size[i] - 1) * window.dilation[i] + 1; }
  Ends ends(size_t i) const;
  int64_t output_size(size_t i, int64_t size) const;
  /// x: [n, d1.., c]  kernel: [k1.., filters, c]  y: [n, e1.., filters]
  Value apply(Value x, Value kernel) const;
};

template <size_t N>
constexpr IntTuple<N> all_ones() {
  IntTuple<N> ones{};
  for (auto& entry : ones) entry = 1;
  return ones;
}

/// x: [n, d1.., c]  kernel: [k1.., c / groups, filters]  y: [n, e1.., filters]
template <size_t N>
struct Conv final : LayerOf<Conv<N>> {
  using PaddingArg = std::conditional_t<N == 1, CausalPadding, Padding>;
  int64_t filters = 1;
  IntTuple<N> kernel_size = all_ones<N>();
  IntTuple<N> strides = all_ones<N>();
  PaddingArg padding = PaddingArg::valid;
  DataFormat data_format = DataFormat::channels_last;
  IntTuple<N> dilation_rate = all_ones<N>();
  int64_t groups = 1;
  ActivationArg activation;
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> bias_constraint;

  static const ClassInfo& declaration();
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
  bool works_by_sample() const override { return !activation.get() || activation.get()->elementwise(); }

 private:
  Window window() const;
};

extern template struct Conv<1>;
extern template struct Conv<2>;
extern template struct Conv<3>;

}  // namespace trainyard::layers

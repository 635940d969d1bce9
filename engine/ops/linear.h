// Matrix products and convolutions. Everything is channels_last.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/ops/op_types.h"

namespace trainyard::op {

/// What may be applied to a product before it is stored; set by the fusion pass only. With `bias` the op has one more
/// input at the end, b: [n], added to every row (its last dimension) before the activation.
struct Epilogue {
  enum class Activation : uint8_t { none, relu, sigmoid, tanh };
  bool bias = false;
  Activation activation = Activation::none;

  friend bool operator==(const Epilogue&, const Epilogue&) = default;
};

/// y = op(a) op(b), where op transposes the last two dimensions if asked.
/// a: [..., m, k] (or [..., k, m])  b: [..., k, n] (or [..., n, k])  y: [..., m, n].
/// Batch dimensions are equal, or b has rank 2 and serves every batch of a (then a's are folded into m, which needs !transpose_a).
struct MatMul {
  static constexpr std::string_view kName = "MatMul";
  bool transpose_a = false;
  bool transpose_b = false;
  Epilogue epilogue = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// Geometry shared by a convolution and its two gradients; one entry per spatial dimension (1 to 3 of them).
struct ConvGeometry {
  std::vector<int64_t> strides = {};
  std::vector<int64_t> dilation = {};
  std::vector<int64_t> pad_low = {};   // zeros before
  std::vector<int64_t> pad_high = {};  // zeros after
  int64_t groups = 1;

  int spatial_rank() const { return static_cast<int>(strides.size()); }
  friend bool operator==(const ConvGeometry&, const ConvGeometry&) = default;
};

/// Size of a convolution's (or pooling's) output along one dimension; <= 0 when the window does not fit.
constexpr int64_t window_output(int64_t size, int64_t window, int64_t stride, int64_t dilation, int64_t pad) {
  return (size + pad - (window - 1) * dilation - 1) / stride + 1;
}

/// Cross-correlation, as Keras's convolution.
/// x: [n, d1.., c]  w: [k1.., c / groups, f]  y: [n, e1.., f], 1 to 3 spatial dimensions. Filters of group g are the
/// g-th block of f / groups; they see the g-th block of channels.
struct Conv {
  static constexpr std::string_view kName = "Conv";
  ConvGeometry geometry;
  Epilogue epilogue = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of Conv by x, which is also the transposed convolution.
/// dy: [n, e1.., f]  w: [k1.., c / groups, f]  dx: input_shape = [n, d1.., c].
struct ConvInputGrad {
  static constexpr std::string_view kName = "ConvInputGrad";
  ConvGeometry geometry;
  Shape input_shape = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of Conv by w. x: [n, d1.., c]  dy: [n, e1.., f]  dw: filter_shape = [k1.., c / groups, f].
struct ConvFilterGrad {
  static constexpr std::string_view kName = "ConvFilterGrad";
  ConvGeometry geometry;
  Shape filter_shape = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op

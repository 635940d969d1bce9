// keras.layers: Max- and AveragePooling1D..3D, GlobalMax- and GlobalAveragePooling1D..3D
#pragma once

#include "engine/layers/convolution.h"

namespace trainyard::layers {

/// x: [n, d1.., c]  y: [n, e1.., c]
template <size_t N, op::PoolKind Kind>
struct Pooling final : LayerOf<Pooling<N, Kind>> {
  IntTuple<N> pool_size;
  /// None stands for the pool size.
  std::optional<IntTuple<N>> strides;
  Padding padding = Padding::valid;
  DataFormat data_format = DataFormat::channels_last;

  Pooling() { pool_size.fill(2); }
  static const ClassInfo& declaration();
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
  bool has_build_config() const override { return false; }

 private:
  Window window() const;
};

/// x: [n, d1.., c]  y: [n, c], or [n, 1.., c] with keepdims. GlobalAveragePooling1D leaves masked steps out.
template <size_t N, op::PoolKind Kind>
struct GlobalPooling final : LayerOf<GlobalPooling<N, Kind>> {
  DataFormat data_format = DataFormat::channels_last;
  bool keepdims = false;

  static const ClassInfo& declaration();
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
  bool has_build_config() const override { return false; }
  std::vector<std::string> tensor_arguments() const override {
    constexpr bool kHeedsMasks = N == 1 && Kind == op::PoolKind::average;
    return kHeedsMasks ? std::vector<std::string>{"mask"} : std::vector<std::string>{};
  }
};

}  // namespace trainyard::layers

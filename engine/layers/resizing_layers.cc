// keras.layers: Cropping1D..3D, UpSampling1D..3D, RepeatVector.
#include "engine/layers/data_format.h"
#include "engine/layers/image_resizing.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

template <size_t N>
PaddingPairs<N> pairs_of(int64_t n) {
  PaddingPairs<N> result;
  for (auto& pair : result.pairs) pair = {n, n};
  return result;
}

/// A slice of each sample, in the layer's own data format.
template <size_t N>
struct Cropping final : LayerOf<Cropping<N>> {
  PaddingPairs<N> cropping = pairs_of<N>(N == 2 ? 0 : 1);
  DataFormat data_format = DataFormat::channels_last;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<Cropping>("Cropping" + std::to_string(N) + "D", "reshaping",
                                                     "Cuts the edges of each sample off.");
      declaration.arg("cropping", &Cropping::cropping, "How many to cut off before and after, for each dimension.",
                      {.min = 0});
      if (N > 1) declaration.arg("data_format", &Cropping::data_format, kDataFormatDoc, kDataFormatOptions);
      declaration.summary({"cropping"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  int axis(size_t i) const { return static_cast<int>(i) + (data_format == DataFormat::channels_first ? 2 : 1); }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(static_cast<int>(N) + 2)) return;
    Shape shape = context.shape();
    for (size_t i = 0; i < N; ++i) {
      int64_t& size = shape[axis(i)];
      if (size == kUnknown) continue;
      size -= cropping.pairs[i][0] + cropping.pairs[i][1];
      if (size < 1) return context.error("cropping", "layer.cropping", {{"shape", context.shape().text()}});
    }
    context.add_output(TensorSpec{context.input().dtype, shape});
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    std::vector<int64_t> start(N + 2, 0);
    std::vector<int64_t> sizes = x.shape().dims();
    for (size_t i = 0; i < N; ++i) {
      start[static_cast<size_t>(axis(i))] = cropping.pairs[i][0];
      sizes[static_cast<size_t>(axis(i))] -= cropping.pairs[i][0] + cropping.pairs[i][1];
    }
    context.add_output(slice(x, start, sizes));
  }
};

/// Repeats every element along an axis `times` times.
Value repeat(Value x, int axis, int64_t times) {
  if (times == 1) return x;
  Shape apart = x.shape().slice(0, axis + 1);
  apart.push_back(1);
  for (int i = axis + 1; i < x.rank(); ++i) apart.push_back(x.shape()[i]);
  Shape wide = apart;
  wide[axis + 1] = times;
  Shape result = x.shape();
  result[axis] *= times;
  return reshape(broadcast_to(reshape(x, apart), wide), result);
}

template <size_t N>
struct UpSampling final : LayerOf<UpSampling<N>> {
  IntTuple<N> size = [] {
    IntTuple<N> twos;
    twos.fill(2);
    return twos;
  }();
  DataFormat data_format = DataFormat::channels_last;
  ResizeKernel interpolation = ResizeKernel::nearest;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<UpSampling>("UpSampling" + std::to_string(N) + "D", "reshaping",
                                                       "Makes each sample larger by whole factors.");
      if constexpr (N == 1) {
        declaration.arg("size", &UpSampling::one_size, "The factor.", kPositive);
        declaration.settle([](UpSampling& layer) { layer.size = {layer.one_size}; });
      } else {
        declaration.arg("size", &UpSampling::size, "The factor of each dimension.", kPositive);
        declaration.arg("data_format", &UpSampling::data_format, kDataFormatDoc, kDataFormatOptions);
      }
      if (N == 2)
        declaration.arg("interpolation", &UpSampling::interpolation, "nearest repeats pixels, the others blend them.");
      declaration.summary({"size"});
      return declaration.build();
    }();
    return kInfo;
  }
  /// UpSampling1D's is written as a number.
  int64_t one_size = 2;

  int axis(size_t i) const { return static_cast<int>(i) + (data_format == DataFormat::channels_first ? 2 : 1); }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(static_cast<int>(N) + 2)) return;
    Shape shape = context.shape();
    for (size_t i = 0; i < N; ++i)
      if (shape[axis(i)] != kUnknown) shape[axis(i)] *= size[i];
    context.add_output(shape);
  }
  void call(CallContext& context) const override {
    Value x = context.input();
    for (size_t i = 0; i < N; ++i)
      x = interpolation == ResizeKernel::nearest ? repeat(x, axis(i), size[i])
                                                 : resize_axis(x, axis(i), x.shape()[axis(i)] * size[i], interpolation);
    context.add_output(x);
  }
};

struct RepeatVector final : LayerOf<RepeatVector> {
  int64_t n = 1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<RepeatVector>("RepeatVector", "reshaping", "Makes a sequence of one row, repeated.")
            .arg("n", &RepeatVector::n, "How often.", kRequiredPositive)
            .summary({"n"})
            .build();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    if (context.expect_rank(2)) context.add_output(Shape{context.shape()[0], n, context.shape()[1]});
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    context.add_output(broadcast_to(reshape(x, {x.shape()[0], 1, x.shape()[1]}), {x.shape()[0], n, x.shape()[1]}));
  }
};

}  // namespace

LayerClasses resizing_layers() {
  return {&Cropping<1>::declaration(),   &Cropping<2>::declaration(),   &Cropping<3>::declaration(),
          &UpSampling<1>::declaration(), &UpSampling<2>::declaration(), &UpSampling<3>::declaration(),
          &RepeatVector::declaration()};
}

}  // namespace trainyard

// Layers that move values: Flatten, Reshape, Permute, ZeroPadding1D to 3D.
#include <algorithm>
#include <numeric>

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// Product of the sizes behind the batch; kUnknown when one of them is.
int64_t sample_size(const Shape& shape) {
  const Shape sample = shape.drop_front();
  return sample.is_known() ? sample.elements() : kUnknown;
}

struct Flatten final : LayerOf<Flatten> {
  DataFormat data_format = DataFormat::channels_last;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Flatten>("Flatten", "reshaping", "Puts all values of a sample in one row.")
            .arg("data_format", &Flatten::data_format, kDataFormatDoc, kDataFormatOptions)
            .build();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  void build(BuildContext& context) const override {
    if (context.expect_min_rank(1))
      context.add_output(
          TensorSpec{context.input().dtype,
                     Shape{context.shape()[0], context.shape().rank() == 1 ? 1 : sample_size(context.shape())}});
  }
  // channels_first is first brought to channels_last, so that both give the same row.
  void call(CallContext& context) const override {
    const Value x = to_channels_last(context.input(), data_format);
    context.add_output(reshape(x, {x.shape()[0], x.shape().drop_front().elements()}));
  }
};

struct Reshape final : LayerOf<Reshape> {
  std::vector<int64_t> target_shape;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Reshape>("Reshape", "reshaping", "The same values under another shape.")
            .arg("target_shape", &Reshape::target_shape,
                 "New shape without the batch; one size may be -1 and follows from the others.",
                 {.min = -1, .required = true})
            .summary({"target_shape"})
            .rule([](const Reshape& layer, const ParseContext& context) {
              if (std::count(layer.target_shape.begin(), layer.target_shape.end(), kUnknown) > 1)
                context.child("target_shape").error("reshape.two_open");
            })
            .build();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  bool has_build_config() const override { return false; }

  /// target_shape with its open size worked out from `size` values; nothing where that is impossible.
  std::optional<Shape> resolve(int64_t size) const {
    Shape shape{target_shape};
    int64_t known = 1;
    int open = -1;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kUnknown)
        open = axis;
      else
        known *= shape[axis];
    }
    if (size == kUnknown) return shape;
    if (open >= 0) {
      if (known == 0 || size % known != 0) return std::nullopt;
      shape[open] = size / known;
      return shape;
    }
    return known == size ? std::optional(shape) : std::nullopt;
  }
  void build(BuildContext& context) const override {
    const std::optional<Shape> shape = resolve(sample_size(context.shape()));
    if (!shape)
      return context.error("target_shape", "reshape.elements",
                           {{"target", Shape(target_shape).text()}, {"shape", context.shape().drop_front().text()}});
    context.add_output(TensorSpec{context.input().dtype, shape->with_front(context.shape()[0])});
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    context.add_output(reshape(x, resolve(x.shape().drop_front().elements()).value().with_front(x.shape()[0])));
  }
};

struct Permute final : LayerOf<Permute> {
  std::vector<int64_t> dims;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Permute>("Permute", "reshaping", "Changes the order of the dimensions.")
            .arg("dims", &Permute::dims, "The new order; 1 is the first dimension behind the batch.",
                 {.min = 1, .required = true})
            .summary({"dims"})
            .rule([](const Permute& layer, const ParseContext& context) {
              std::vector<int64_t> sorted = layer.dims;
              std::sort(sorted.begin(), sorted.end());
              for (size_t i = 0; i < sorted.size(); ++i)
                if (sorted[i] != static_cast<int64_t>(i) + 1) return context.child("dims").error("permute.dims");
            })
            .build();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(static_cast<int>(dims.size()) + 1)) return;
    Shape shape{context.shape()[0]};
    for (const int64_t dim : dims) shape.push_back(context.shape()[static_cast<int>(dim)]);
    context.add_output(TensorSpec{context.input().dtype, shape});
  }
  void call(CallContext& context) const override {
    std::vector<int> order{0};
    for (const int64_t dim : dims) order.push_back(static_cast<int>(dim));
    context.add_output(transpose(context.input(), order));
  }
};

template <size_t N>
struct ZeroPadding final : LayerOf<ZeroPadding<N>> {
  PaddingPairs<N> padding = [] {
    PaddingPairs<N> ones;
    for (auto& pair : ones.pairs) pair = {1, 1};
    return ones;
  }();
  DataFormat data_format = DataFormat::channels_last;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<ZeroPadding>("ZeroPadding" + std::to_string(N) + "D", "reshaping",
                                                        "Adds zeros around each sample.");
      declaration.arg("padding", &ZeroPadding::padding, "How many before and after, for each dimension.", {.min = 0});
      declaration.arg("data_format", &ZeroPadding::data_format, kDataFormatDoc, kDataFormatOptions);
      declaration.summary({"padding"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  int first_axis() const { return data_format == DataFormat::channels_first ? 2 : 1; }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(static_cast<int>(N) + 2)) return;
    Shape shape = context.shape();
    for (size_t i = 0; i < N; ++i) {
      int64_t& size = shape[first_axis() + static_cast<int>(i)];
      if (size != kUnknown) size += padding.pairs[i][0] + padding.pairs[i][1];
    }
    context.add_output(TensorSpec{context.input().dtype, shape});
  }
  void call(CallContext& context) const override {
    std::vector<int64_t> low(N + 2, 0), high(N + 2, 0);
    for (size_t i = 0; i < N; ++i) {
      low[static_cast<size_t>(first_axis()) + i] = padding.pairs[i][0];
      high[static_cast<size_t>(first_axis()) + i] = padding.pairs[i][1];
    }
    context.add_output(pad(context.input(), low, high));
  }
};

}  // namespace

LayerClasses reshaping_layers() {
  return {&Flatten::declaration(),        &Reshape::declaration(),        &Permute::declaration(),
          &ZeroPadding<1>::declaration(), &ZeroPadding<2>::declaration(), &ZeroPadding<3>::declaration()};
}

}  // namespace trainyard

#include "engine/ops/linear.h"

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {
namespace {

/// m, k, n of a product of the last two dimensions.
struct ProductSizes {
  int64_t m, k, n;
};

ProductSizes product_sizes(const MatMul& op, const Shape& a, const Shape& b) {
  check(a.rank() >= 2 && b.rank() >= 2, "matmul takes matrices");
  const int last_a = a.rank() - 1;
  const int last_b = b.rank() - 1;
  const int64_t inner_b = op.transpose_b ? b[last_b] : b[last_b - 1];
  const ProductSizes sizes{.m = op.transpose_a ? a[last_a] : a[last_a - 1],
                           .k = op.transpose_a ? a[last_a - 1] : a[last_a],
                           .n = op.transpose_b ? b[last_b - 1] : b[last_b]};
  check(sizes.k == inner_b, "matmul's inner dimensions agree");
  return sizes;
}

/// Checks the operands that the epilogue adds; `n` is the size of the output's last dimension.
void check_epilogue(const Epilogue& epilogue, InputTypes in, int64_t n) {
  check_inputs(in, epilogue.bias ? 3 : 2);
  if (epilogue.bias) check(in[2] == ValueType{in[0].dtype, Shape{n}}, "the bias has an element a column");
}

int64_t epilogue_flops(const Epilogue& epilogue, OutputTypes out) {
  const int passes = (epilogue.bias ? 1 : 0) + (epilogue.activation != Epilogue::Activation::none ? 1 : 0);
  return passes * out[0].shape.elements();
}

void check_operands(InputTypes in) {
  check(in[0].dtype == in[1].dtype && is_floating(in[0].dtype), "products take floating operands of one dtype");
}

/// x: [n, d1.., c]  w: [k1.., c / groups, f] -> [n, e1.., f]
Shape conv_output(const ConvGeometry& geometry, const Shape& x, const Shape& w) {
  const int spatial = geometry.spatial_rank();
  check(spatial >= 1 && spatial <= 3, "1 to 3 spatial dimensions");
  const auto count = static_cast<size_t>(spatial);
  check(geometry.dilation.size() == count && geometry.pad_low.size() == count && geometry.pad_high.size() == count,
        "geometry has an entry per spatial dimension");
  check(x.rank() == spatial + 2 && w.rank() == spatial + 2, "operands have the geometry's rank");
  check(geometry.groups >= 1 && x.back() == w[spatial] * geometry.groups && w.back() % geometry.groups == 0,
        "channels and filters divide into the groups");
  Shape y{x.front()};
  for (int i = 0; i < spatial; ++i) {
    const auto d = static_cast<size_t>(i);
    check(
        geometry.strides[d] >= 1 && geometry.dilation[d] >= 1 && geometry.pad_low[d] >= 0 && geometry.pad_high[d] >= 0,
        "strides, dilation and padding are in range");
    const int64_t size = window_output(x[i + 1], w[i], geometry.strides[d], geometry.dilation[d],
                                       geometry.pad_low[d] + geometry.pad_high[d]);
    check(x[i + 1] + geometry.pad_low[d] + geometry.pad_high[d] > (w[i] - 1) * geometry.dilation[d] && size > 0,
          "the window fits");
    y.push_back(size);
  }
  y.push_back(w.back());
  return y;
}

/// y: [n, e1.., f]: every output element sums k1 * .. * c / groups products.
int64_t conv_macs(const Shape& y, const Shape& w) { return y.elements() * w.elements_in(0, w.rank() - 1); }

Value conv_input_grad(const ConvGeometry& geometry, const Shape& input_shape, Value dy, Value w) {
  return dy.graph().add_one(ConvInputGrad{geometry, input_shape}, {dy, w});
}

Value conv_filter_grad(const ConvGeometry& geometry, const Shape& filter_shape, Value x, Value dy) {
  return dy.graph().add_one(ConvFilterGrad{geometry, filter_shape}, {x, dy});
}

void check_unfused(const Epilogue& epilogue) {
  check(epilogue == Epilogue{}, "an epilogue has no gradient: fusion comes after differentiation");
}

/// [..., r, c] -> [.. * r, c]
Value folded(Value x) {
  return x.rank() == 2 ? x : reshape(x, {x.shape().elements_in(0, x.rank() - 1), x.shape().back()});
}

}  // namespace

Types MatMul::infer(InputTypes in) const {
  check(in.size() >= 2, "matmul takes two operands");
  check_operands(in);
  const Shape& a = in[0].shape;
  const Shape& b = in[1].shape;
  const ProductSizes sizes = product_sizes(*this, a, b);
  check_epilogue(epilogue, in, sizes.n);
  const bool shared_b = b.rank() == 2 && a.rank() > 2;
  if (shared_b) {
    check(!transpose_a, "a batch against one matrix is not transposed");
  } else {
    check(a.slice(0, a.rank() - 2) == b.slice(0, b.rank() - 2), "matmul's batch dimensions are equal");
  }
  Shape y = a.slice(0, a.rank() - 2);
  y.push_back(sizes.m);
  y.push_back(sizes.n);
  return {{in[0].dtype, y}};
}

void MatMul::gradient(GradientContext& context) const {
  check_unfused(epilogue);
  Value a = context.input(0);
  const Value b = context.input(1);
  Value dy = context.dy();
  if (context.wants(0))
    context.set(0, transpose_a ? matmul(b, dy, transpose_b, true) : matmul(dy, b, false, !transpose_b));
  if (!context.wants(1)) return;
  if (b.rank() == 2) {  // one matrix for a whole batch: its gradient is summed over the batch
    a = folded(a);
    dy = folded(dy);
  }
  context.set(1, transpose_b ? matmul(dy, a, true, transpose_a) : matmul(a, dy, !transpose_a, false));
}

Cost MatMul::cost(InputTypes in, OutputTypes out) const {
  const int64_t inner = product_sizes(*this, in[0].shape, in[1].shape).k;
  return {
      .macs = out[0].shape.elements() * inner, .flops = epilogue_flops(epilogue, out), .bytes = operand_bytes(in, out)};
}

Types Conv::infer(InputTypes in) const {
  check(in.size() >= 2, "conv takes two operands");
  check_operands(in);
  check_epilogue(epilogue, in, in[1].shape.back());
  return {{in[0].dtype, conv_output(geometry, in[0].shape, in[1].shape)}};
}

void Conv::gradient(GradientContext& context) const {
  check_unfused(epilogue);
  const Value x = context.input(0);
  const Value w = context.input(1);
  if (context.wants(0)) context.set(0, conv_input_grad(geometry, x.shape(), context.dy(), w));
  if (context.wants(1)) context.set(1, conv_filter_grad(geometry, w.shape(), x, context.dy()));
}

Cost Conv::cost(InputTypes in, OutputTypes out) const {
  return {.macs = conv_macs(out[0].shape, in[1].shape),
          .flops = epilogue_flops(epilogue, out),
          .bytes = operand_bytes(in, out)};
}

Types ConvInputGrad::infer(InputTypes in) const {
  check_inputs(in, 2);
  check_operands(in);
  check(conv_output(geometry, input_shape, in[1].shape) == in[0].shape, "dy has the convolution's output shape");
  return {{in[0].dtype, input_shape}};
}

// It is linear in both operands, and its adjoints are the convolution and the filter gradient.
void ConvInputGrad::gradient(GradientContext& context) const {
  const Value dy = context.input(0);
  const Value w = context.input(1);
  const Value seed = context.dy();
  if (context.wants(0)) context.set(0, conv(seed, w, geometry));
  if (context.wants(1)) context.set(1, conv_filter_grad(geometry, w.shape(), seed, dy));
}

Cost ConvInputGrad::cost(InputTypes in, OutputTypes out) const {
  return {.macs = conv_macs(in[0].shape, in[1].shape), .bytes = operand_bytes(in, out)};
}

Types ConvFilterGrad::infer(InputTypes in) const {
  check_inputs(in, 2);
  check_operands(in);
  check(conv_output(geometry, in[0].shape, filter_shape) == in[1].shape, "dy has the convolution's output shape");
  return {{in[0].dtype, filter_shape}};
}

void ConvFilterGrad::gradient(GradientContext& context) const {
  const Value x = context.input(0);
  const Value dy = context.input(1);
  const Value seed = context.dy();
  if (context.wants(0)) context.set(0, conv_input_grad(geometry, x.shape(), dy, seed));
  if (context.wants(1)) context.set(1, conv(x, seed, geometry));
}

Cost ConvFilterGrad::cost(InputTypes in, OutputTypes out) const {
  return {.macs = conv_macs(in[1].shape, filter_shape), .bytes = operand_bytes(in, out)};
}

}  // namespace trainyard::op

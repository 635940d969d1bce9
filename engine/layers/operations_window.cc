// Operations that slide windows, and those that normalize with given numbers.
#include <algorithm>

#include "engine/layers/convolution.h"
#include "engine/layers/operation_call.h"

namespace trainyard {
namespace window_op {  // names of its own: several of these files may be compiled as one
namespace {

using Values = std::vector<Value>;
constexpr int64_t kLargestWindow = 65536;

DataFormat format_of(const OperationCall& call) {
  const std::string format = call.text("data_format", "channels_last");
  if (format != "channels_last" && format != "channels_first")
    call.refuse("data_format", "channels_last or channels_first");
  return format == "channels_last" ? DataFormat::channels_last : DataFormat::channels_first;
}

/// One number for each of the spatial dimensions; a single one stands for all.
std::vector<int64_t> each(const OperationCall& call, const char* name, int rank, int64_t otherwise) {
  std::vector<int64_t> numbers = call.integers(name).value_or(std::vector<int64_t>{otherwise});
  if (numbers.size() == 1) numbers.assign(static_cast<size_t>(rank), numbers[0]);
  for (const int64_t number : numbers)
    if (number < 1 || number > kLargestWindow) call.refuse(name, "sizes from 1 on");
  if (static_cast<int>(numbers.size()) != rank) call.refuse(name, "one number, or " + std::to_string(rank));
  return numbers;
}

/// The input, channels last, of 1 to 3 spatial dimensions.
Value channels_last_input(const OperationCall& call) {
  const Value x = to_channels_last(call.floats("inputs"), format_of(call));
  call.expect_shapes(x.rank() >= 3 && x.rank() <= 5);
  return x;
}

/// size: of the window; it fits into x.
Window window_of(const OperationCall& call, Value x, std::vector<int64_t> size, std::vector<int64_t> strides) {
  const std::string padding = call.text("padding", "valid");
  if (padding != "valid" && padding != "same") call.refuse("padding", "valid or same");
  Window window{std::move(size), std::move(strides), each(call, "dilation_rate", x.rank() - 2, 1),
                padding == "same" ? CausalPadding::same : CausalPadding::valid};
  for (size_t i = 0; i < window.size.size(); ++i) {
    const int64_t reach = (window.size[i] - 1) * window.dilation[i] + 1;
    const int64_t given = x.shape()[static_cast<int>(i) + 1];
    call.expect_shapes(given > 0 && (padding == "same" || given >= reach));
  }
  return window;
}

/// That of a kernel: [k1.., in, out].
Window kernel_window(const OperationCall& call, Value x, Value kernel) {
  call.expect_shapes(kernel.rank() == x.rank() && kernel.shape().elements() > 0);
  const std::vector<int64_t>& dims = kernel.shape().dims();
  return window_of(call, x, {dims.begin(), dims.end() - 2}, each(call, "strides", x.rank() - 2, 1));
}

Values in_format(const OperationCall& call, Value y) { return {from_channels_last(y, format_of(call))}; }

template <op::PoolKind kind>
Values pooled(const OperationCall& call) {
  const Value x = channels_last_input(call);
  const std::vector<int64_t> size = each(call, "pool_size", x.rank() - 2, 0);
  const bool own = call.json("strides").is_null();
  const Window window = window_of(call, x, size, own ? size : each(call, "strides", x.rank() - 2, 1));
  const WindowPadding padding = window_padding(window, x.shape());
  return in_format(call, pool(x, {kind, window.size, window.strides, padding.low, padding.high}));
}

/// Groups follow from the kernel: [k1.., c / groups, filters].
Values convolution(const OperationCall& call) {
  const Value x = channels_last_input(call);
  const Value kernel = call.floats("kernel");
  const Window window = kernel_window(call, x, kernel);
  const int64_t seen = kernel.shape()[kernel.rank() - 2];
  const int64_t groups = x.shape().back() / seen;
  call.expect_shapes(groups > 0 && x.shape().back() % seen == 0 && kernel.shape().back() % groups == 0);
  const WindowPadding padding = window_padding(window, x.shape());
  return in_format(call, conv(x, kernel, {window.strides, window.dilation, padding.low, padding.high, groups}));
}

Value depthwise_part(const OperationCall& call, Value x, const char* kernel_name) {
  const Value kernel = call.floats(kernel_name);
  const Window window = kernel_window(call, x, kernel);
  call.expect_shapes(kernel.shape()[kernel.rank() - 2] == x.shape().back());
  return layers::depthwise(x, kernel, window);
}

Values depthwise_convolution(const OperationCall& call) {
  return in_format(call, depthwise_part(call, channels_last_input(call), "kernel"));
}

Values separable_convolution(const OperationCall& call) {
  const Value middle = depthwise_part(call, channels_last_input(call), "depthwise_kernel");
  const Value kernel = call.floats("pointwise_kernel");
  const int64_t filters = kernel.shape().rank() > 1 ? kernel.shape().back() : 0;
  call.expect_shapes(filters > 0 && kernel.shape().elements() == middle.shape().back() * filters);
  return in_format(call, matmul(middle, reshape(kernel, {middle.shape().back(), filters})));
}

/// kernel: [k1.., filters, c]
Values transposed_convolution(const OperationCall& call) {
  const Value x = channels_last_input(call);
  const Value kernel = call.floats("kernel");
  call.expect_shapes(kernel.rank() == x.rank() && kernel.shape().back() == x.shape().back() &&
                     kernel.shape().elements() > 0);
  const std::string padding = call.text("padding", "valid");
  if (padding != "valid" && padding != "same") call.refuse("padding", "valid or same");
  const int rank = x.rank() - 2;
  const std::vector<int64_t>& dims = kernel.shape().dims();
  layers::TransposedWindow window{{{dims.begin(), dims.end() - 2},
                                   each(call, "strides", rank, 1),
                                   each(call, "dilation_rate", rank, 1),
                                   padding == "same" ? CausalPadding::same : CausalPadding::valid}};
  if (const auto given = call.integers("output_padding")) {
    window.output_padding = given->size() == 1 ? std::vector<int64_t>(static_cast<size_t>(rank), (*given)[0]) : *given;
    if (static_cast<int>(window.output_padding->size()) != rank)
      call.refuse("output_padding", "one for each dimension");
    for (size_t i = 0; i < window.output_padding->size(); ++i) {
      const int64_t rows = (*window.output_padding)[i];
      if (rows < 0 || rows >= window.window.strides[i]) call.refuse("output_padding", "from 0 to below the strides");
    }
  }
  for (size_t i = 0; i < window.window.size.size(); ++i) {
    const int64_t size = window.output_size(i, x.shape()[static_cast<int>(i) + 1]);
    call.expect_shapes(size > 0 && size <= kLargestSize);
  }
  return in_format(call, window.apply(x, kernel));
}

/// The numbers of `values`, one for each place along `axes`, lined up with x; as they are where they have x's rank.
Value lined_up(const OperationCall& call, const char* name, Value x, const std::vector<int>& axes) {
  const Value values = call.floats(name);
  if (values.rank() == x.rank() || values.rank() == 0) {
    call.expect_shapes(call.broadcast(values.shape(), x.shape()) == x.shape());
    return values;
  }
  Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
  call.expect_shapes(values.rank() == static_cast<int>(axes.size()));
  for (size_t i = 0; i < axes.size(); ++i) {
    call.expect_shapes(values.shape()[static_cast<int>(i)] == x.shape()[axes[i]]);
    shape[axes[i]] = x.shape()[axes[i]];
  }
  return reshape(values, shape);
}

Values batch_normalized(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = {call.axis("axis", x.rank(), -1)};
  Value factor = rsqrt(lined_up(call, "variance", x, axes) + call.number("epsilon", 1e-3));
  if (!call.json("scale").is_null()) factor = factor * lined_up(call, "scale", x, axes);
  const Value y = (x - lined_up(call, "mean", x, axes)) * factor;
  return {call.json("offset").is_null() ? y : y + lined_up(call, "offset", x, axes)};
}

std::vector<int> normalized_axes(const OperationCall& call, int rank) {
  call.expect_shapes(rank > 0);
  return call.json("axis").is_null() ? std::vector<int>{rank - 1} : call.axes("axis", rank);
}

Values layer_normalized(const OperationCall& call) {
  if (call.flag("rms_scaling")) call.refuse("rms_scaling", "false");
  const Value x = call.floats("x");
  const std::vector<int> axes = normalized_axes(call, x.rank());
  const Value centred = x - reduce(op::ReduceKind::mean, x, axes, true);
  const Value variance = reduce(op::ReduceKind::mean, square(centred), axes, true);
  Value y = centred * rsqrt(variance + call.number("epsilon", 1e-7));
  if (!call.json("gamma").is_null()) y = y * lined_up(call, "gamma", x, axes);
  return {call.json("beta").is_null() ? y : y + lined_up(call, "beta", x, axes)};
}

Values rms_normalized(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = normalized_axes(call, x.rank());
  const Value mean = reduce(op::ReduceKind::mean, square(x), axes, true);
  const Value y = x * rsqrt(mean + call.number("epsilon", 1e-7));
  return {call.json("scale").is_null() ? y : y * lined_up(call, "scale", x, axes)};
}

}  // namespace
}  // namespace window_op

std::vector<Operation> window_operations() {
  using namespace window_op;
  constexpr const char* kPool = "pool_size strides padding data_format";
  constexpr const char* kConv = "strides padding data_format dilation_rate";
  return {{"MaxPool", "inputs", kPool, pooled<op::PoolKind::max>},
          {"AveragePool", "inputs", kPool, pooled<op::PoolKind::average>},
          {"Conv", "inputs kernel", kConv, convolution},
          {"DepthwiseConv", "inputs kernel", kConv, depthwise_convolution},
          {"SeparableConv", "inputs depthwise_kernel pointwise_kernel", kConv, separable_convolution},
          {"ConvTranspose", "inputs kernel", "strides padding output_padding data_format dilation_rate",
           transposed_convolution},
          {"BatchNorm", "x mean variance offset scale", "axis epsilon", batch_normalized},
          {"LayerNorm", "x gamma beta", "axis epsilon rms_scaling", layer_normalized},
          {"RMSNorm", "x scale", "scale axis epsilon", rms_normalized}};
}

}  // namespace trainyard

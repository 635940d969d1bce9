// keras.layers: DepthwiseConv1D/2D, SeparableConv1D/2D, Conv1DTranspose .. Conv3DTranspose.
#include <algorithm>

#include "engine/layers/convolution.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/weight_arguments.h"

namespace trainyard::layers {

Value depthwise(Value x, Value kernel, const Window& window) {
  const WindowPadding padding = window_padding(window, x.shape());
  const int64_t channels = x.shape().back();
  Shape grouped = kernel.shape();
  grouped[grouped.rank() - 1] *= channels;
  grouped[grouped.rank() - 2] = 1;
  return conv(x, reshape(kernel, grouped), {window.strides, window.dilation, padding.low, padding.high, channels});
}

TransposedWindow::Ends TransposedWindow::ends(size_t i) const {
  const int64_t k = reach(i);
  const int64_t stride = window.strides[i];
  if (window.padding == CausalPadding::valid)
    return {0, output_padding ? (*output_padding)[i] : std::max(k, stride) - k};
  // What all strides and the kernel reach is cut down to the wanted size, the odd row at the end.
  const int64_t wanted = output_padding ? (*output_padding)[i] : stride - k % 2;
  const int64_t cut = k - k % 2 - wanted;
  const int64_t low = std::max<int64_t>(0, cut) / 2;
  return {low, 2 * low - cut};
}

int64_t TransposedWindow::output_size(size_t i, int64_t size) const {
  const Ends end = ends(i);
  return (size - 1) * window.strides[i] - 2 * end.low + reach(i) + end.extra;
}

Value TransposedWindow::apply(Value x, Value kernel) const {
  op::ConvInputGrad op;
  op.geometry.groups = 1;
  op.geometry.strides = window.strides;
  op.geometry.dilation = window.dilation;
  op.input_shape = Shape{x.shape()[0]};
  for (size_t i = 0; i < window.size.size(); ++i) {
    const Ends end = ends(i);
    op.geometry.pad_low.push_back(end.low);
    op.geometry.pad_high.push_back(std::max<int64_t>(0, end.low - end.extra));
    op.input_shape.push_back(output_size(i, x.shape()[static_cast<int>(i) + 1]));
  }
  op.input_shape.push_back(kernel.shape()[kernel.rank() - 2]);
  return x.graph().add_one(op, {x, kernel});
}

namespace {

/// The arguments of a window that slides.
template <size_t N>
struct Sliding {
  using PaddingArg = std::conditional_t<N == 1, CausalPadding, Padding>;
  IntTuple<N> kernel_size = all_ones<N>();
  IntTuple<N> strides = all_ones<N>();
  PaddingArg padding = PaddingArg::valid;
  DataFormat data_format = DataFormat::channels_last;
  IntTuple<N> dilation_rate = all_ones<N>();
  ActivationArg activation;
  bool use_bias = true;
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> bias_constraint;

  Window window() const {
    return {{kernel_size.begin(), kernel_size.end()},
            {strides.begin(), strides.end()},
            {dilation_rate.begin(), dilation_rate.end()},
            static_cast<CausalPadding>(padding)};
  }
  Shape kernel_shape(int64_t in, int64_t out) const {
    Shape shape{std::vector<int64_t>(kernel_size.begin(), kernel_size.end())};
    shape.push_back(in);
    shape.push_back(out);
    return shape;
  }
  void add_bias(BuildContext& context, int64_t channels) const {
    if (use_bias) context.add_weight({"bias", {channels}, bias_initializer, bias_regularizer, bias_constraint});
  }
  /// The input, channels last, or nothing after complaining.
  std::optional<Shape> checked_input(BuildContext& context) const {
    constexpr int kRank = static_cast<int>(N) + 2;
    if (!context.expect_rank(kRank) || !context.expect_known(channel_axis(data_format, kRank))) return std::nullopt;
    return to_channels_last(context.shape(), data_format);
  }
};

template <typename T>
void add_window_arguments(Declaration<T>& declaration) {
  declaration.arg("kernel_size", &T::kernel_size, "Size of the window.", kRequiredPositive)
      .arg("strides", &T::strides, "How far the window moves at a time.", kPositive)
      .arg("padding", &T::padding, "valid: only whole windows. same: zeros around, so that the size stays.")
      .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
      .arg("dilation_rate", &T::dilation_rate, "Spread the window's points apart.", {.min = 1, .advanced = true});
}

template <typename T>
void add_bias_arguments(Declaration<T>& declaration) {
  declaration.arg("activation", &T::activation, kActivationDoc).arg("use_bias", &T::use_bias, kUseBiasDoc);
  add_initializer(declaration, "bias", &T::bias_initializer, "the bias");
  add_regularizer(declaration, "bias", &T::bias_regularizer, "the bias");
  add_constraint(declaration, "bias", &T::bias_constraint, "the bias");
}

template <typename T>
void add_stride_rule(Declaration<T>& declaration) {
  declaration.rule([](const T& layer, const ParseContext& context) {
    const Window window = layer.window();
    check_strides_and_dilation(window.strides, window.dilation, context);
  });
}

template <size_t N>
struct DepthwiseConv final : LayerOf<DepthwiseConv<N>>, Sliding<N> {
  int64_t depth_multiplier = 1;
  Ref<Initializer> depthwise_initializer = initializers::glorot_uniform();
  Ref<Regularizer> depthwise_regularizer;
  Ref<Constraint> depthwise_constraint;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<DepthwiseConv>("DepthwiseConv" + std::to_string(N) + "D", "convolutional",
                                                          "Slides filters over each channel by itself.",
                                                          {.prints_activity_regularizer = true});
      declaration.arg("depth_multiplier", &DepthwiseConv::depth_multiplier, "Filters for each channel.", kPositive);
      add_window_arguments(declaration);
      add_bias_arguments(declaration);
      add_initializer(declaration, "depthwise", &DepthwiseConv::depthwise_initializer, "the kernel");
      add_regularizer(declaration, "depthwise", &DepthwiseConv::depthwise_regularizer, "the kernel");
      add_constraint(declaration, "depthwise", &DepthwiseConv::depthwise_constraint, "the kernel");
      add_stride_rule(declaration);
      declaration.summary({"kernel_size", "activation"});
      return declaration.build();
    }();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    const std::optional<Shape> x = this->checked_input(context);
    if (!x) return;
    const int64_t channels = x->back() * depth_multiplier;
    context.add_weight({"kernel", this->kernel_shape(x->back(), depth_multiplier), depthwise_initializer,
                        depthwise_regularizer, depthwise_constraint});
    this->add_bias(context, channels);
    Shape y;
    if (window_output_shape(context, this->window(), *x, channels, "kernel_size", y))
      add_convolution_output(context, this->activation, y, this->data_format);
  }
  void call(CallContext& context) const override {
    const Value y = depthwise(to_channels_last(context.input(), this->data_format), context.weight(0), this->window());
    context.add_output(
        finish_convolution(y, this->use_bias ? context.weight(1) : Value(), this->activation, this->data_format));
  }
};

template <size_t N>
struct SeparableConv final : LayerOf<SeparableConv<N>>, Sliding<N> {
  int64_t filters = 1;
  int64_t depth_multiplier = 1;
  Ref<Initializer> depthwise_initializer = initializers::glorot_uniform();
  Ref<Regularizer> depthwise_regularizer;
  Ref<Constraint> depthwise_constraint;
  Ref<Initializer> pointwise_initializer = initializers::glorot_uniform();
  Ref<Regularizer> pointwise_regularizer;
  Ref<Constraint> pointwise_constraint;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = SeparableConv;
      const std::string n = std::to_string(N) + "D";
      auto declaration =
          layer_declaration<T>("SeparableConv" + n, "convolutional",
                               "A convolution in two cheap steps: each channel by itself, then across channels.",
                               {.prints_activity_regularizer = true});
      declaration.aliases({"SeparableConvolution" + n})
          .arg("filters", &T::filters, "How many patterns to look for: the output's channels.", kRequiredPositive)
          .arg("depth_multiplier", &T::depth_multiplier, "Filters for each channel in the first step.", kPositive);
      add_window_arguments(declaration);
      add_bias_arguments(declaration);
      add_initializer(declaration, "depthwise", &T::depthwise_initializer, "the first kernel");
      add_initializer(declaration, "pointwise", &T::pointwise_initializer, "the second kernel");
      add_regularizer(declaration, "depthwise", &T::depthwise_regularizer, "the first kernel");
      add_regularizer(declaration, "pointwise", &T::pointwise_regularizer, "the second kernel");
      add_constraint(declaration, "depthwise", &T::depthwise_constraint, "the first kernel");
      add_constraint(declaration, "pointwise", &T::pointwise_constraint, "the second kernel");
      add_stride_rule(declaration);
      declaration.summary({"filters", "kernel_size", "activation"});
      return declaration.build();
    }();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    const std::optional<Shape> x = this->checked_input(context);
    if (!x) return;
    context.add_weight({"depthwise_kernel", this->kernel_shape(x->back(), depth_multiplier), depthwise_initializer,
                        depthwise_regularizer, depthwise_constraint});
    Shape pointwise{std::vector<int64_t>(N, 1)};
    pointwise.push_back(x->back() * depth_multiplier);
    pointwise.push_back(filters);
    context.add_weight(
        {"pointwise_kernel", pointwise, pointwise_initializer, pointwise_regularizer, pointwise_constraint});
    this->add_bias(context, filters);
    Shape y;
    if (window_output_shape(context, this->window(), *x, filters, "kernel_size", y))
      add_convolution_output(context, this->activation, y, this->data_format);
  }
  void call(CallContext& context) const override {
    const Value x = to_channels_last(context.input(), this->data_format);
    const Value middle = depthwise(x, context.weight(0), this->window());
    const Shape& kernel = context.weight(1).shape();
    const Value y = matmul(middle, reshape(context.weight(1), {kernel[kernel.rank() - 2], kernel.back()}));
    context.add_output(
        finish_convolution(y, this->use_bias ? context.weight(2) : Value(), this->activation, this->data_format));
  }
};

/// x: [n, d1.., c]  kernel: [k1.., filters, c]  y: [n, e1.., filters]: the gradient of a convolution by its input.
/// `same` makes the output strides times as large.
template <size_t N>
struct ConvTranspose final : LayerOf<ConvTranspose<N>> {
  int64_t filters = 1;
  IntTuple<N> kernel_size = all_ones<N>();
  IntTuple<N> strides = all_ones<N>();
  Padding padding = Padding::valid;
  std::optional<IntTuple<N>> output_padding;
  DataFormat data_format = DataFormat::channels_last;
  IntTuple<N> dilation_rate = all_ones<N>();
  ActivationArg activation;
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> bias_constraint;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = ConvTranspose;
      const std::string n = std::to_string(N);
      auto declaration = layer_declaration<T>("Conv" + n + "DTranspose", "convolutional",
                                              "A convolution backwards: makes its input larger, in a learned way.",
                                              {.prints_activity_regularizer = true});
      declaration.aliases({"Convolution" + n + "DTranspose"})
          .arg("filters", &T::filters, "The output's channels.", kRequiredPositive);
      add_window_arguments(declaration);
      declaration
          .arg("output_padding", &T::output_padding,
               "Rows added at the end of the output; None for what the other arguments give.",
               {.min = 0, .advanced = true})
          .arg("activation", &T::activation, kActivationDoc)
          .arg("use_bias", &T::use_bias, kUseBiasDoc);
      add_kernel_and_bias(declaration);
      declaration.rule([](const T& layer, const ParseContext& context) {
        check_strides_and_dilation({layer.strides.begin(), layer.strides.end()},
                                   {layer.dilation_rate.begin(), layer.dilation_rate.end()}, context);
        for (size_t i = 0; layer.output_padding && i < N; ++i)
          if ((*layer.output_padding)[i] >= layer.strides[i])
            return context.child("output_padding")
                .error("layer.output_padding", {{"strides", std::to_string(layer.strides[i])}});
      });
      declaration.summary({"filters", "kernel_size", "strides"});
      return declaration.build();
    }();
    return kInfo;
  }

  TransposedWindow transposed() const {
    TransposedWindow result{{{kernel_size.begin(), kernel_size.end()},
                             {strides.begin(), strides.end()},
                             {dilation_rate.begin(), dilation_rate.end()},
                             static_cast<CausalPadding>(padding)}};
    if (output_padding) result.output_padding.emplace(output_padding->begin(), output_padding->end());
    return result;
  }

  void build(BuildContext& context) const override {
    constexpr int kRank = static_cast<int>(N) + 2;
    if (!context.expect_rank(kRank) || !context.expect_known(channel_axis(data_format, kRank))) return;
    const Shape x = to_channels_last(context.shape(), data_format);
    Shape kernel{std::vector<int64_t>(kernel_size.begin(), kernel_size.end())};
    kernel.push_back(filters);
    kernel.push_back(x.back());
    context.add_weight({"kernel", kernel, kernel_initializer, kernel_regularizer, kernel_constraint});
    if (use_bias) context.add_weight({"bias", {filters}, bias_initializer, bias_regularizer, bias_constraint});
    Shape y{x[0]};
    const TransposedWindow window = transposed();
    for (size_t i = 0; i < N; ++i) {
      const int64_t size = x[static_cast<int>(i) + 1];
      y.push_back(size == kUnknown ? kUnknown : window.output_size(i, size));
      if (size != kUnknown && y.back() < 1)
        return context.error(
            "kernel_size", "layer.window",
            {{"window", std::to_string(window.reach(i))}, {"size", std::to_string(size)}, {"shape", x.text()}});
    }
    y.push_back(filters);
    add_convolution_output(context, activation, y, data_format);
  }

  void call(CallContext& context) const override {
    const Value x = to_channels_last(context.input(), data_format);
    const Value y = transposed().apply(x, context.weight(0));
    context.add_output(finish_convolution(y, use_bias ? context.weight(1) : Value(), activation, data_format));
  }
};

}  // namespace
}  // namespace trainyard::layers

namespace trainyard {

LayerClasses convolution_variants() {
  using namespace layers;
  return {&ConvTranspose<1>::declaration(), &ConvTranspose<2>::declaration(), &ConvTranspose<3>::declaration(),
          &DepthwiseConv<1>::declaration(), &DepthwiseConv<2>::declaration(), &SeparableConv<1>::declaration(),
          &SeparableConv<2>::declaration()};
}

}  // namespace trainyard

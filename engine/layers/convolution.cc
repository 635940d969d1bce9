#include "engine/layers/convolution.h"

#include <algorithm>

#include "engine/layers/weight_arguments.h"

namespace trainyard::layers {

Value finish_convolution(Value y, Value bias, const ActivationArg& activation, DataFormat format) {
  if (bias) y = y + bias;
  // Elementwise activations go before the transpose, where they can be fused with the convolution.
  if (activation.is_linear() || activation.get()->elementwise()) return from_channels_last(activation.apply(y), format);
  return activation.apply(from_channels_last(y, format));
}

void add_convolution_output(BuildContext& context, const ActivationArg& activation, const Shape& channels_last,
                            DataFormat format) {
  Shape shape = from_channels_last(channels_last, format);
  std::string problem;
  if (activation.get()) shape = activation.get()->output_shape(shape, problem);
  if (!problem.empty()) return context.error("activation", "layer.activation", {{"problem", problem}});
  if (!context.failed()) context.add_output(shape);
}

void check_strides_and_dilation(const std::vector<int64_t>& strides, const std::vector<int64_t>& dilation,
                                const ParseContext& context) {
  const auto above_one = [](int64_t n) { return n > 1; };
  if (std::any_of(strides.begin(), strides.end(), above_one) &&
      std::any_of(dilation.begin(), dilation.end(), above_one))
    context.child("dilation_rate").error("layer.strides_and_dilation");
}

template <size_t N>
const ClassInfo& Conv<N>::declaration() {
  static const ClassInfo kInfo = [] {
    const std::string n = std::to_string(N);
    constexpr const char* kDocs[] = {"Slides filters along a sequence and finds patterns in it.",
                                     "Slides filters over a picture and finds patterns in it.",
                                     "Slides filters through a volume and finds patterns in it."};
    auto declaration =
        layer_declaration<Conv>("Conv" + n + "D", "convolutional", kDocs[N - 1], {.prints_activity_regularizer = true});
    declaration.aliases({"Convolution" + n + "D"})
        .arg("filters", &Conv::filters, "How many patterns to look for: the output's channels.", kRequiredPositive)
        .arg("kernel_size", &Conv::kernel_size, "Size of the window.", kRequiredPositive)
        .arg("strides", &Conv::strides, "How far the window moves at a time.", kPositive)
        .arg("padding", &Conv::padding, "valid: only whole windows. same: zeros around, so that the size stays.")
        .arg("data_format", &Conv::data_format, kDataFormatDoc, kDataFormatOptions)
        .arg("dilation_rate", &Conv::dilation_rate, "Spread the window's points apart.", {.min = 1, .advanced = true})
        .arg("groups", &Conv::groups, "Split the channels into groups that do not see each other.",
             {.min = 1, .advanced = true})
        .arg("activation", &Conv::activation, kActivationDoc)
        .arg("use_bias", &Conv::use_bias, kUseBiasDoc);
    add_kernel_and_bias(declaration);
    declaration.rule([](const Conv& layer, const ParseContext& context) {
      if (layer.filters % layer.groups != 0)
        context.child("groups").error("layer.groups_filters", {{"groups", std::to_string(layer.groups)},
                                                               {"filters", std::to_string(layer.filters)}});
      const Window window = layer.window();
      check_strides_and_dilation(window.strides, window.dilation, context);
    });
    declaration.summary({"filters", "kernel_size", "activation"});
    return declaration.build();
  }();
  return kInfo;
}

template <size_t N>
Window Conv<N>::window() const {
  return {{kernel_size.begin(), kernel_size.end()},
          {strides.begin(), strides.end()},
          {dilation_rate.begin(), dilation_rate.end()},
          static_cast<CausalPadding>(padding)};
}

template <size_t N>
void Conv<N>::build(BuildContext& context) const {
  constexpr int kRank = static_cast<int>(N) + 2;
  if (!context.expect_rank(kRank) || !context.expect_known(channel_axis(data_format, kRank))) return;
  const Shape x = to_channels_last(context.shape(), data_format);
  const int64_t channels = x.back();
  if (channels % groups != 0)
    return context.error("groups", "layer.groups_channels",
                         {{"groups", std::to_string(groups)}, {"channels", std::to_string(channels)}});
  Shape kernel{std::vector<int64_t>(kernel_size.begin(), kernel_size.end())};
  kernel.push_back(channels / groups);
  kernel.push_back(filters);
  context.add_weight({"kernel", kernel, kernel_initializer, kernel_regularizer, kernel_constraint});
  if (use_bias) context.add_weight({"bias", {filters}, bias_initializer, bias_regularizer, bias_constraint});
  Shape y;
  if (window_output_shape(context, window(), x, filters, "kernel_size", y))
    add_convolution_output(context, activation, y, data_format);
}

template <size_t N>
void Conv<N>::call(CallContext& context) const {
  const Value x = to_channels_last(context.input(), data_format);
  const Window window = this->window();
  const WindowPadding padding = window_padding(window, x.shape());
  const Value y = conv(x, context.weight(0), {window.strides, window.dilation, padding.low, padding.high, groups});
  context.add_output(finish_convolution(y, use_bias ? context.weight(1) : Value(), activation, data_format));
}

template struct Conv<1>;
template struct Conv<2>;
template struct Conv<3>;

}  // namespace trainyard::layers

// keras.layers: ConvLSTM1D, ConvLSTM2D, ConvLSTM3D (Shi et al. 2015)
#include "engine/layers/convolution.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/recurrent.h"

namespace trainyard {
namespace {

/// Arguments of the cell, and so of the layer. Activations, dropout and initializers are an LSTM's.
template <size_t N>
struct ConvLSTMArguments {
  int64_t filters = 1;
  IntTuple<N> kernel_size = layers::all_ones<N>();
  IntTuple<N> strides = layers::all_ones<N>();
  Padding padding = Padding::valid;
  DataFormat data_format = DataFormat::channels_last;
  IntTuple<N> dilation_rate = layers::all_ones<N>();
};

/// An LSTM cell whose products are convolutions. It computes channels_last; inputs and states come as data_format says.
/// x: [n, d1.., c]  h, c: [n, e1.., filters]
template <size_t N>
struct ConvLSTMCell final : Cell, ConvLSTMArguments<N>, LSTMArguments {
  static constexpr int kRank = static_cast<int>(N) + 2;
  const ClassInfo* described_by = nullptr;

  // It has no entry of its own among the layers: it is described as the layer that runs it.
  const ClassInfo& info() const override { return *described_by; }
  int state_count() const override { return 2; }

  Window window() const {
    return {{this->kernel_size.begin(), this->kernel_size.end()},
            {this->strides.begin(), this->strides.end()},
            {this->dilation_rate.begin(), this->dilation_rate.end()},
            static_cast<CausalPadding>(this->padding)};
  }

  std::vector<Shape> state_shapes(const Shape& step) const override {
    const Window w = window();
    const Shape x = to_channels_last(step, this->data_format);
    Shape y{x[0]};
    for (size_t i = 0; i < N; ++i) {
      const int64_t size = x[static_cast<int>(i) + 1];
      const int64_t reach = (w.size[i] - 1) * w.dilation[i] + 1;
      const bool same = this->padding == Padding::same;
      y.push_back(same ? (size + w.strides[i] - 1) / w.strides[i] : (size - reach) / w.strides[i] + 1);
    }
    y.push_back(this->filters);
    const Shape state = from_channels_last(y, this->data_format);
    return {state, state};
  }

  void build_weights(BuildContext& context) const override {
    if (!context.expect_rank(kRank)) return;
    for (int axis = 1; axis < kRank; ++axis)
      if (!context.expect_known(axis)) return;
    for (const auto& [arg, activation] :
         {std::pair{"activation", &this->activation}, std::pair{"recurrent_activation", &this->recurrent_activation}})
      if (!activation->is_linear() && !activation->get()->elementwise())
        return context.error(arg, "layer.activation", {{"problem", "works on more than one value at a time"}});
    if (use_bias && unit_forget_bias && !bias_initializer) return context.error("bias_initializer", "argument.missing");
    const Shape x = to_channels_last(context.shape(), this->data_format);
    Shape y;
    if (!window_output_shape(context, window(), x, this->filters, "kernel_size", y)) return;
    Shape kernel{std::vector<int64_t>(this->kernel_size.begin(), this->kernel_size.end())};
    Shape recurrent = kernel;
    kernel.push_back(x.back());
    recurrent.push_back(this->filters);
    kernel.push_back(4 * this->filters);
    recurrent.push_back(4 * this->filters);
    context.add_weight({"kernel", kernel, kernel_initializer, kernel_regularizer, kernel_constraint});
    context.add_weight(
        {"recurrent_kernel", recurrent, recurrent_initializer, recurrent_regularizer, recurrent_constraint});
    if (use_bias)
      context.add_weight({"bias",
                          {4 * this->filters},
                          unit_forget_bias ? forget_bias(bias_initializer) : bias_initializer,
                          bias_regularizer,
                          bias_constraint});
  }

  CellRun run(CallContext& context, const CellSequence& sequence) const override {
    const Value all = sequence.x;  // [t, n, ..]
    const Shape step = all.shape().drop_front();
    const int64_t steps = all.shape()[0];
    CellSequence inside{all, sequence.mask, {}};
    for (const Value& state : sequence.states) inside.states.push_back(to_channels_last(state, this->data_format));
    const std::vector<Value> input_masks = masks(context, to_channels_last(step, this->data_format), dropout);
    const std::vector<Value> state_masks = masks(context, inside.states[0].shape(), recurrent_dropout);

    // All steps are one large batch for the convolution of the inputs.
    const Value x = to_channels_last(reshape(all, step.drop_front().with_front(steps * step[0])), this->data_format);
    const Window w = window();
    const WindowPadding padding = window_padding(w, x.shape());
    const op::ConvGeometry geometry{w.strides, w.dilation, padding.low, padding.high, 1};
    Value projected = gates(x, context.weight(0), tiled(input_masks, steps), geometry);
    if (use_bias) projected = projected + context.weight(2);
    projected = reshape(projected, projected.shape().drop_front().with_front(step[0]).with_front(steps));

    const Window recurrent{w.size, std::vector<int64_t>(N, 1), std::vector<int64_t>(N, 1), CausalPadding::same};
    const WindowPadding around = window_padding(recurrent, inside.states[0].shape());
    const op::ConvGeometry recurrence{recurrent.strides, recurrent.dilation, around.low, around.high, 1};
    const int64_t f = this->filters;
    CellRun result = run_steps(context, *this, inside, projected,
                               [&](Value x_t, const std::vector<Value>& states) -> std::vector<Value> {
                                 const Value z = x_t + gates(states[0], context.weight(1), state_masks, recurrence);
                                 const Value input = recurrent_activation.apply(last_part(z, 0, f));
                                 const Value forget = recurrent_activation.apply(last_part(z, f, f));
                                 const Value c = forget * states[1] + input * activation.apply(last_part(z, 2 * f, f));
                                 const Value output = recurrent_activation.apply(last_part(z, 3 * f, f));
                                 return {output * activation.apply(c), c};
                               });
    return in_format(result, steps);
  }

 private:
  /// One mask a gate, as Keras draws them; none outside training.
  std::vector<Value> masks(CallContext& context, const Shape& shape, double rate) const {
    std::vector<Value> drawn;
    if (!context.training() || rate <= 0 || rate >= 1) return drawn;
    for (int gate = 0; gate < 4; ++gate) drawn.push_back(draw_dropout(context, shape, dtype.dtype, rate, seed));
    return drawn;
  }

  /// The same mask for every step of a batch of steps * n.
  static std::vector<Value> tiled(const std::vector<Value>& masks, int64_t steps) {
    std::vector<Value> all;
    for (const Value& mask : masks) {
      const Shape& shape = mask.shape();
      const Value repeated = broadcast_to(reshape(mask, shape.with_front(1)), shape.with_front(steps));
      all.push_back(reshape(repeated, shape.drop_front().with_front(steps * shape[0])));
    }
    return all;
  }

  /// The convolutions of all gates; each may see x through a mask of its own.
  Value gates(Value x, Value kernel, const std::vector<Value>& masks, const op::ConvGeometry& geometry) const {
    if (masks.empty()) return conv(x, kernel, geometry);
    std::vector<Value> parts;
    for (size_t gate = 0; gate < masks.size(); ++gate)
      parts.push_back(conv(x * masks[gate],
                           last_part(kernel, static_cast<int64_t>(gate) * this->filters, this->filters), geometry));
    return concat(parts, -1);
  }

  CellRun in_format(const CellRun& run, int64_t steps) const {
    CellRun result;
    for (const Value& state : run.states) result.states.push_back(from_channels_last(state, this->data_format));
    const Shape& shape = run.outputs.shape();  // [t, n, e1.., filters]
    const Value folded = from_channels_last(
        reshape(run.outputs, shape.slice(2, shape.rank()).with_front(steps * shape[1])), this->data_format);
    result.outputs = reshape(folded, folded.shape().drop_front().with_front(shape[1]).with_front(steps));
    return result;
  }
};

/// x: [n, t, d1.., c]  y: [n, e1.., filters], with t where sequences are asked for
template <size_t N>
struct ConvLSTM final : LayerOf<ConvLSTM<N>, Recurrent>, ConvLSTMArguments<N>, LSTMArguments {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = ConvLSTM;
      constexpr const char* kDocs[] = {"An LSTM for sequences of sequences: filters slide along each.",
                                       "An LSTM for films: filters slide over each picture.",
                                       "An LSTM for sequences of volumes: filters slide through each."};
      auto declaration = layer_declaration<T>("ConvLSTM" + std::to_string(N) + "D", "recurrent", kDocs[N - 1],
                                              {.prints_activity_regularizer = true});
      add_sequence_arguments(declaration);
      declaration
          .arg("filters", &T::filters, "How many patterns to look for: the output's channels.", kRequiredPositive)
          .arg("kernel_size", &T::kernel_size, "Size of the window.", kRequiredPositive)
          .arg("strides", &T::strides, "How far the window moves over the inputs at a time.", kPositive)
          .arg("padding", &T::padding, "valid: only whole windows. same: zeros around, so that the size stays.")
          .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
          .arg("dilation_rate", &T::dilation_rate, "Spread the window's points apart.", {.min = 1, .advanced = true})
          .arg("activation", &T::activation, "Function applied to the new content of the state.")
          .arg("recurrent_activation", &T::recurrent_activation, "Function applied to the gates.", kAdvanced)
          .arg("unit_forget_bias", &T::unit_forget_bias, kForgetBiasDoc, kAdvanced);
      add_cell_weights(declaration, true);
      declaration
          .rule([](const T& layer, const ParseContext& context) {
            layers::check_strides_and_dilation({layer.strides.begin(), layer.strides.end()},
                                               {layer.dilation_rate.begin(), layer.dilation_rate.end()}, context);
          })
          .summary({"filters", "kernel_size"});
      return declaration.build();
    }();
    return kInfo;
  }

  std::shared_ptr<const Cell> cell_in_use() const override {
    auto cell = std::make_shared<ConvLSTMCell<N>>();
    static_cast<ConvLSTMArguments<N>&>(*cell) = *this;
    static_cast<LSTMArguments&>(*cell) = *this;
    cell->name = "conv_lstm_cell";
    cell->dtype = this->dtype;
    cell->trainable = this->trainable;
    cell->described_by = &declaration();
    return cell;
  }
  int input_rank() const override { return static_cast<int>(N) + 3; }
};

}  // namespace

LayerClasses conv_lstm_layers() {
  return {&ConvLSTM<1>::declaration(), &ConvLSTM<2>::declaration(), &ConvLSTM<3>::declaration()};
}

}  // namespace trainyard

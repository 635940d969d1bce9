// keras.layers: RNN, SimpleRNN, LSTM, GRU
#include "engine/layers/recurrent.h"

#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// [n, t, ..] -> [n, ..]
Shape one_step(const Shape& sequence) { return sequence.slice(2, sequence.rank()).with_front(sequence[0]); }

/// Inputs of the cell for one step: the sequence without time, then the states, as given or as the cell has them.
std::vector<TensorSpec> cell_inputs(const Cell& cell, const TensorSpec& sequence, std::vector<TensorSpec> states) {
  std::vector<TensorSpec> inputs{{sequence.dtype, one_step(sequence.shape)}};
  if (states.empty())
    for (const Shape& shape : cell.state_shapes(inputs[0].shape)) states.push_back({sequence.dtype, shape});
  inputs.insert(inputs.end(), states.begin(), states.end());
  return inputs;
}

/// 1 from the first step on that is not masked. mask: boolean [t, n]  result: boolean [t, n]
Value seen_so_far(Value mask, DType dtype) {
  const int64_t steps = mask.shape().front();
  Tensor lower(DType::f64, {steps, steps});
  const auto entries = lower.span<double>();
  for (int64_t row = 0; row < steps; ++row)
    for (int64_t column = 0; column < steps; ++column)
      entries[static_cast<size_t>(row * steps + column)] = column <= row ? 1 : 0;
  return greater(matmul(mask.graph().constant(lower.cast(dtype)), cast(mask, dtype)), 0.0);
}

/// Zeros where `shown` (boolean, the first dimensions of x) is false.
Value zero_unless(Value shown, Value x) {
  Shape shape = shown.shape();
  while (shape.rank() < x.rank()) shape.push_back(1);
  return select(reshape(shown, shape), x, 0.0);
}

}  // namespace

void ArgTraits<UseCudnn>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::choice;
  spec.choices = {"auto", "true", "false"};
  spec.nullable = true;
}

bool ArgTraits<UseCudnn>::parse(const Json& value, UseCudnn& result, const ArgSpec&, const ParseContext& context) {
  if (value.is_null() || value == "auto") {
    result.choice.reset();
  } else if (value.is_boolean()) {
    result.choice = value.get<bool>();
  } else if (value == "true" || value == "false") {
    result.choice = value == "true";
  } else {
    return context.expected("\"auto\", true or false", value), false;
  }
  return true;
}

Json ArgTraits<UseCudnn>::print(const UseCudnn& value) { return value.choice ? Json(*value.choice) : Json(nullptr); }

int Recurrent::state_count() const {
  const std::shared_ptr<const Cell> cell = cell_in_use();
  return cell == nullptr ? 0 : cell->state_count();
}

void Recurrent::build(BuildContext& context) const {
  if (input_rank() == 0 ? !context.expect_min_rank(3) : !context.expect_rank(input_rank())) return;
  const std::shared_ptr<const Cell> cell = cell_in_use();
  std::vector<TensorSpec> given;
  for (int i = 1; i < context.input_count(); ++i) given.push_back(context.input(i));
  if (!given.empty() && static_cast<int>(given.size()) != cell->state_count())
    return context.error("", "rnn.initial_state",
                         {{"wanted", std::to_string(cell->state_count())}, {"given", std::to_string(given.size())}});
  const std::vector<TensorSpec> outputs =
      build_inner(context, {cell_argument()}, *cell, cell_inputs(*cell, context.input(), std::move(given)));
  if (outputs.empty()) return;
  if (stateful && context.shape()[0] == kUnknown) return context.error("stateful", "rnn.stateful_batch");
  for (size_t i = 1; stateful && i < outputs.size(); ++i)
    context.add_weight({.name = i == 1 ? "rnn_state" : "rnn_state_" + std::to_string(i - 1),
                        .shape = outputs[i].shape.drop_front().with_front(context.shape()[0]),
                        .initializer = initializers::zeros(),
                        .kind = VariableKind::state});
  Shape shape = outputs[0].shape.drop_front();
  if (return_sequences) shape = shape.with_front(context.shape()[1]);
  context.add_output(shape.with_front(context.shape()[0]));
  for (size_t i = 1; return_state && i < outputs.size(); ++i) context.add_output(outputs[i]);
}

namespace {

/// One call of a recurrent layer.
class RecurrentCall {
 public:
  RecurrentCall(const Recurrent& layer, CallContext& context)
      : layer_(layer),
        context_(context),
        cell_(layer.cell_in_use()),
        inner_(context, *cell_, 0, cell_inputs(*cell_, {context.input().dtype(), context.input().shape()}, {})) {}

  void run() {
    const Value x = context_.input();
    // Masks of other ranks belong to something else than time.
    if (context_.mask() && context_.mask().rank() == 2) mask_ = in_order(swap_time(context_.mask()));
    CallContext inner = inner_.begin({}, {});
    const CellRun result = cell_->run(inner, {in_order(swap_time(x)), mask_, initial_states()});
    inner_.end(inner);
    context_.add_output(layer_.return_sequences ? swap_time(shown(result.outputs)) : last_output(result));
    for (const Value& state : result.states)
      if (layer_.return_state) context_.add_output(state);
    for (size_t i = 0; layer_.stateful && i < result.states.size(); ++i)
      context_.update_weight(inner_.end_weight() + static_cast<int>(i), result.states[i]);
    context_.set_output_mask(0, layer_.return_sequences ? context_.mask() : Value());
  }

 private:
  /// The steps in the order in which they are worked out. x: [t, ..]
  Value in_order(Value x) const { return layer_.go_backwards ? reversed(x) : x; }

  std::vector<Value> initial_states() const {
    std::vector<Value> states;
    for (int i = 1; i < context_.input_count(); ++i) states.push_back(context_.input(i));
    if (!states.empty()) return states;
    const Value x = context_.input();
    const std::vector<Shape> shapes = cell_->state_shapes(one_step(x.shape()));
    for (size_t i = 0; i < shapes.size(); ++i)
      states.push_back(layer_.stateful ? context_.weight(inner_.end_weight() + static_cast<int>(i))
                                       : fill(context_.graph(), x.dtype(), shapes[i], 0));
    return states;
  }

  /// Before the first step that is not masked Keras puts out zeros, whatever the state is.
  bool begins_at_zero() const { return context_.input_count() == 1 && !layer_.stateful; }

  /// Outputs of all steps. carried: [t, n, ..], where masked steps repeat the state before.
  Value shown(Value carried) const {
    if (!mask_) return carried;
    if (layer_.zero_output_for_mask) return zero_unless(mask_, carried);
    return begins_at_zero() ? carried : zero_unless(seen_so_far(mask_, carried.dtype()), carried);
  }

  Value last_output(const CellRun& result) const {
    const Value last = result.states[static_cast<size_t>(cell_->output_state())];
    if (!mask_) return last;
    const int64_t steps = mask_.shape().front();
    if (layer_.zero_output_for_mask) return zero_unless(time_step(mask_, steps - 1), last);
    return begins_at_zero() ? last : zero_unless(time_step(seen_so_far(mask_, last.dtype()), steps - 1), last);
  }

  const Recurrent& layer_;
  CallContext& context_;
  std::shared_ptr<const Cell> cell_;
  InnerLayer inner_;
  Value mask_;
};

/// A recurrent layer that has the arguments of its cell. The cell goes by its class's name, as in Keras.
template <typename T, typename CellT, typename Arguments>
struct RecurrentOf : LayerOf<T, Recurrent>, Arguments {
  std::shared_ptr<const Cell> cell_in_use() const override {
    auto cell = std::make_shared<CellT>();
    static_cast<Arguments&>(*cell) = *this;
    cell->name = snake_case(cell->info().class_name);
    cell->dtype = this->dtype;
    cell->trainable = this->trainable;
    return cell;
  }
};

struct SimpleRNN final : RecurrentOf<SimpleRNN, SimpleRNNCell, CellArguments> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<SimpleRNN>(
          "SimpleRNN", "recurrent", "Reads a sequence step by step; each output is seen again at the next step.",
          {.prints_activity_regularizer = true});
      add_sequence_arguments(declaration);
      add_cell_arguments(declaration, false);
      declaration.refuse("time_major", "false", "time comes second, as in Keras 3");
      return declaration.build();
    }();
    return kInfo;
  }
};

struct LSTM final : RecurrentOf<LSTM, LSTMCell, LSTMArguments> {
  UseCudnn use_cudnn;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration =
          layer_declaration<LSTM>("LSTM", "recurrent", "Reads a sequence and remembers over long stretches of it.",
                                  {.prints_activity_regularizer = true});
      add_sequence_arguments(declaration);
      add_cell_arguments(declaration);
      add_gate_arguments(declaration);
      declaration.arg("unit_forget_bias", &LSTM::unit_forget_bias, kForgetBiasDoc, kAdvanced)
          .arg("use_cudnn", &LSTM::use_cudnn, "A hint that changes no result.",
               {.advanced = true, .hint = true, .omit_null = true})
          .refuse("time_major", "false", "time comes second, as in Keras 3")
          .summary({"units", "return_sequences"});
      return declaration.build();
    }();
    return kInfo;
  }
};

struct GRU final : RecurrentOf<GRU, GRUCell, GRUArguments> {
  UseCudnn use_cudnn;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration =
          layer_declaration<GRU>("GRU", "recurrent", "Reads a sequence and remembers, with fewer weights than an LSTM.",
                                 {.prints_activity_regularizer = true});
      add_sequence_arguments(declaration);
      add_cell_arguments(declaration);
      add_gate_arguments(declaration);
      declaration.arg("reset_after", &GRU::reset_after, kResetAfterDoc, kAdvanced)
          .arg("use_cudnn", &GRU::use_cudnn, "A hint that changes no result.",
               {.advanced = true, .hint = true, .omit_null = true})
          .refuse("time_major", "false", "time comes second, as in Keras 3")
          .summary({"units", "return_sequences"});
      return declaration.build();
    }();
    return kInfo;
  }
};

struct RNN final : LayerOf<RNN, Recurrent> {
  Ref<Layer> cell;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<RNN>("RNN", "recurrent", "Runs any cell along a sequence.");
      add_sequence_arguments(declaration);
      declaration.arg("cell", &RNN::cell, "What is done at each step: a cell, or several stacked.", kRequired)
          .rule([](const RNN& layer, const ParseContext& context) {
            if (layer.cell_in_use() == nullptr)
              context.child("cell").error("rnn.cell", {{"class_name", layer.cell->info().class_name}});
          })
          .summary({"return_sequences"});
      return declaration.build();
    }();
    return kInfo;
  }

  std::shared_ptr<const Cell> cell_in_use() const override {
    // Not owned: it lives as long as the layer, and nobody keeps it longer than a call.
    return {std::shared_ptr<const Cell>(), cell ? dynamic_cast<const Cell*>(&*cell) : nullptr};
  }
  std::string cell_argument() const override { return "cell"; }
  int input_rank() const override { return 0; }
};

}  // namespace

void Recurrent::call(CallContext& context) const { RecurrentCall(*this, context).run(); }

LayerClasses recurrent_layers() {
  return {&RNN::declaration(), &SimpleRNN::declaration(), &LSTM::declaration(), &GRU::declaration()};
}

}  // namespace trainyard

// Cells: what a recurrent layer does at one time step. A cell lowers a whole sequence at once, so that what does not depend
// on the step before (the products with the inputs) is one large product.
#pragma once

#include <optional>
#include <vector>

#include "engine/layers/wrapper.h"
#include "engine/ops/builder.h"

namespace trainyard {

/// A run of a cell along time. Time comes first.
struct CellSequence {
  Value x;                    // [t, n, ..], in the order in which the steps are worked out
  Value mask;                 // boolean [t, n], or none: where it is false, the states stay as they are
  std::vector<Value> states;  // before the first step, in Keras's order
};

struct CellRun {
  Value outputs;              // [t, n, ..]: the state that is put out, after each step
  std::vector<Value> states;  // after the last step
};

/// A cell is a layer of its own in Keras: cell(x, states) gives the output and the new states.
class Cell : public Layer {
 public:
  virtual int state_count() const = 0;
  /// The state that is also the output.
  virtual int output_state() const { return 0; }
  /// Shapes of the states for one step's input. step: [n, ..]
  virtual std::vector<Shape> state_shapes(const Shape& step) const = 0;
  /// Checks one step's input and declares the weights.
  virtual void build_weights(BuildContext& context) const = 0;
  /// Lowers a sequence; `context` has the cell's weights.
  virtual CellRun run(CallContext& context, const CellSequence& sequence) const = 0;

  InputArity arity() const final { return {1 + state_count(), 1 + state_count()}; }
  int list_begin() const final { return 1; }
  void build(BuildContext& context) const final;
  void call(CallContext& context) const final;
};

/// Arguments of all cells whose weights are a kernel, a recurrent kernel and a bias, and of their layers.
struct CellArguments {
  int64_t units = 1;
  ActivationArg activation = ActivationArg("tanh");
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> recurrent_initializer = initializers::orthogonal();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> recurrent_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> recurrent_constraint;
  Ref<Constraint> bias_constraint;
  double dropout = 0;
  double recurrent_dropout = 0;
  std::optional<int64_t> seed;
};

struct GateArguments : CellArguments {
  ActivationArg recurrent_activation = ActivationArg("sigmoid");
  /// Keras 2's choice between products gate by gate (0, 1) and in one (2). It still decides whether the gates share a
  /// dropout mask.
  std::optional<int64_t> implementation;
};

struct LSTMArguments : GateArguments {
  bool unit_forget_bias = true;
};

struct GRUArguments : GateArguments {
  bool reset_after = true;
};

/// h' = activation(x kernel + h recurrent_kernel + bias). x: [n, in]  h: [n, units]
struct SimpleRNNCell final : LayerOf<SimpleRNNCell, Cell>, CellArguments {
  static const ClassInfo& declaration();
  int state_count() const override { return 1; }
  std::vector<Shape> state_shapes(const Shape& step) const override;
  void build_weights(BuildContext& context) const override;
  CellRun run(CallContext& context, const CellSequence& sequence) const override;
};

/// Hochreiter and Schmidhuber 1997, gates in the order i, f, c, o. States h and c: [n, units]
struct LSTMCell final : LayerOf<LSTMCell, Cell>, LSTMArguments {
  static const ClassInfo& declaration();
  int state_count() const override { return 2; }
  std::vector<Shape> state_shapes(const Shape& step) const override;
  void build_weights(BuildContext& context) const override;
  CellRun run(CallContext& context, const CellSequence& sequence) const override;
};

/// Cho et al. 2014, gates in the order z, r, h. With reset_after the reset gate comes after the product, and the bias is
/// [2, 3 units]: one for the inputs, one for the state.
struct GRUCell final : LayerOf<GRUCell, Cell>, GRUArguments {
  static const ClassInfo& declaration();
  int state_count() const override { return 1; }
  std::vector<Shape> state_shapes(const Shape& step) const override;
  void build_weights(BuildContext& context) const override;
  CellRun run(CallContext& context, const CellSequence& sequence) const override;
};

/// The bias of an LSTM: as `base` says, but 1 for the forget gate. The shape is [4 units].
Ref<Initializer> forget_bias(Ref<Initializer> base);

/// One dropout mask of `shape` a call, drawn anew for each: 0 or 1 / (1 - rate).
Value draw_dropout(CallContext& context, const Shape& shape, DType dtype, double rate, std::optional<int64_t> seed);

/// x[.., start : start + size]
Value last_part(Value x, int64_t start, int64_t size);
/// [n, t, ..] <-> [t, n, ..]
Value swap_time(Value x);
/// x[::-1]
Value reversed(Value x);
/// x[t] of x: [t, ..]
Value time_step(Value x, int64_t t);

/// Works `step(x[t], states) -> states` out along time, unrolled. x: [t, n, ..]: what is left of the inputs.
template <typename Step>
CellRun run_steps(CallContext& context, const Cell& cell, const CellSequence& sequence, Value x, Step step);

/// Keeps the states before where the mask (boolean [n], or none) is false.
std::vector<Value> masked_states(Value mask, const std::vector<Value>& after, const std::vector<Value>& before);
/// The cell's activity_regularizer on one step, as Keras counts it: on the output and on every state.
void penalize_step(CallContext& context, const Cell& cell, const std::vector<Value>& states);

template <typename Step>
CellRun run_steps(CallContext& context, const Cell& cell, const CellSequence& sequence, Value x, Step step) {
  CellRun result{{}, sequence.states};
  std::vector<Value> outputs;
  for (int64_t t = 0; t < x.shape().front(); ++t) {
    const std::vector<Value> after = step(time_step(x, t), result.states);
    penalize_step(context, cell, after);
    result.states = masked_states(sequence.mask ? time_step(sequence.mask, t) : Value(), after, result.states);
    const Value output = result.states[static_cast<size_t>(cell.output_state())];
    outputs.push_back(reshape(output, output.shape().with_front(1)));
  }
  result.outputs = concat(outputs, 0);
  return result;
}

}  // namespace trainyard

// keras.layers: SimpleRNNCell, LSTMCell, GRUCell, StackedRNNCells
#include "engine/layers/layer_families.h"
#include "engine/layers/recurrent_arguments.h"

namespace trainyard {
namespace {

/// The masks of one call: none, one for all gates, or one for each.
using Masks = std::vector<Value>;

Masks draw_masks(CallContext& context, const CellArguments& cell, const Shape& shape, DType dtype, double rate,
                 int64_t count) {
  Masks masks;
  for (int64_t i = 0; i < count; ++i) masks.push_back(draw_dropout(context, shape, dtype, rate, cell.seed));
  return masks;
}

/// x kernel, where each block of kernel's columns may see x through a mask of its own.
Value masked_product(Value x, Value kernel, const Masks& masks) {
  if (masks.empty()) return matmul(x, kernel);
  if (masks.size() == 1) return matmul(x * masks.front(), kernel);
  const int64_t columns = kernel.shape().back() / static_cast<int64_t>(masks.size());
  std::vector<Value> parts;
  for (size_t g = 0; g < masks.size(); ++g)
    parts.push_back(matmul(x * masks[g], last_part(kernel, static_cast<int64_t>(g) * columns, columns)));
  return concat(parts, -1);
}

/// Both masks of one call. Keras's LSTM and GRU drop nothing at a rate of 1; its SimpleRNN then drops all.
struct DropoutMasks {
  Masks input, recurrent;

  DropoutMasks(CallContext& context, const CellArguments& cell, const CellSequence& sequence, int64_t gates,
               double highest) {
    if (!context.training()) return;
    const auto used = [&](double rate) { return rate > 0 && rate <= highest; };
    const DType dtype = sequence.x.dtype();
    if (used(cell.dropout))
      input = draw_masks(context, cell, sequence.x.shape().drop_front(), dtype, cell.dropout, gates);
    if (used(cell.recurrent_dropout))
      recurrent = draw_masks(context, cell, sequence.states.front().shape(), dtype, cell.recurrent_dropout, gates);
  }
};

constexpr double kBelowOne = 0x1.fffffffffffffp-1;

/// Keras works gate by gate, with masks of their own, where there is recurrent dropout or implementation says so.
int64_t mask_count(const GateArguments& cell, int64_t gates) {
  return cell.recurrent_dropout != 0 || cell.implementation.value_or(2) < 2 ? gates : 1;
}

/// Complains where an activation would change the number of units.
void check_activation(BuildContext& context, const std::string& arg, const ActivationArg& activation, int64_t units) {
  if (activation.is_linear()) return;
  std::string problem;
  const Shape shape{context.shape()[0], units};
  if (activation.get()->output_shape(shape, problem) != shape && problem.empty())
    problem = "changes the number of units";
  if (!problem.empty()) context.error(arg, "layer.activation", {{"problem", problem}});
}

/// x: [n, in]  kernel: [in, gates units]  recurrent_kernel: [units, gates units]  bias: bias_shape
void declare_weights(BuildContext& context, const CellArguments& cell, int64_t gates, const Shape& bias_shape,
                     const Ref<Initializer>& bias_initializer) {
  if (!context.expect_rank(2) || !context.expect_known(-1)) return;
  check_activation(context, "activation", cell.activation, cell.units);
  context.add_weight({"kernel",
                      {context.shape().back(), gates * cell.units},
                      cell.kernel_initializer,
                      cell.kernel_regularizer,
                      cell.kernel_constraint});
  context.add_weight({"recurrent_kernel",
                      {cell.units, gates * cell.units},
                      cell.recurrent_initializer,
                      cell.recurrent_regularizer,
                      cell.recurrent_constraint});
  if (cell.use_bias)
    context.add_weight({"bias", bias_shape, bias_initializer, cell.bias_regularizer, cell.bias_constraint});
}

}  // namespace

// ---------------------------------------------------------------- SimpleRNNCell

const ClassInfo& SimpleRNNCell::declaration() {
  static const ClassInfo kInfo = [] {
    auto declaration = layer_declaration<SimpleRNNCell>(
        "SimpleRNNCell", "recurrent", "One step of a plain recurrent layer: mixes the input with what it gave before.");
    add_cell_arguments(declaration);
    return declaration.build();
  }();
  return kInfo;
}

std::vector<Shape> SimpleRNNCell::state_shapes(const Shape& step) const { return {{step[0], units}}; }

void SimpleRNNCell::build_weights(BuildContext& context) const {
  declare_weights(context, *this, 1, {units}, bias_initializer);
}

CellRun SimpleRNNCell::run(CallContext& context, const CellSequence& sequence) const {
  const DropoutMasks masks(context, *this, sequence, 1, 1);
  Value x = masked_product(sequence.x, context.weight(0), masks.input);
  if (use_bias) x = x + context.weight(2);
  return run_steps(context, *this, sequence, x, [&](Value x_t, const std::vector<Value>& states) -> std::vector<Value> {
    return {activation.apply(x_t + masked_product(states[0], context.weight(1), masks.recurrent))};
  });
}

// ---------------------------------------------------------------- LSTMCell

const ClassInfo& LSTMCell::declaration() {
  static const ClassInfo kInfo = [] {
    auto declaration = layer_declaration<LSTMCell>(
        "LSTMCell", "recurrent", "One step of an LSTM: gates decide what is kept, written and shown.");
    add_cell_arguments(declaration);
    add_gate_arguments(declaration);
    declaration.arg("unit_forget_bias", &LSTMCell::unit_forget_bias, kForgetBiasDoc, kAdvanced);
    return declaration.build();
  }();
  return kInfo;
}

std::vector<Shape> LSTMCell::state_shapes(const Shape& step) const { return {{step[0], units}, {step[0], units}}; }

void LSTMCell::build_weights(BuildContext& context) const {
  check_activation(context, "recurrent_activation", recurrent_activation, units);
  // Keras asks it for three parts of the bias, so None is not the weights' own default here.
  if (use_bias && unit_forget_bias && !bias_initializer) return context.error("bias_initializer", "argument.missing");
  declare_weights(context, *this, 4, {4 * units}, unit_forget_bias ? forget_bias(bias_initializer) : bias_initializer);
}

CellRun LSTMCell::run(CallContext& context, const CellSequence& sequence) const {
  const DropoutMasks masks(context, *this, sequence, mask_count(*this, 4), kBelowOne);
  Value x = masked_product(sequence.x, context.weight(0), masks.input);
  if (use_bias) x = x + context.weight(2);
  return run_steps(context, *this, sequence, x, [&](Value x_t, const std::vector<Value>& states) -> std::vector<Value> {
    const Value z = x_t + masked_product(states[0], context.weight(1), masks.recurrent);
    const Value i = recurrent_activation.apply(last_part(z, 0, units));
    const Value f = recurrent_activation.apply(last_part(z, units, units));
    const Value c = f * states[1] + i * activation.apply(last_part(z, 2 * units, units));
    const Value o = recurrent_activation.apply(last_part(z, 3 * units, units));
    return {o * activation.apply(c), c};
  });
}

// ---------------------------------------------------------------- GRUCell

const ClassInfo& GRUCell::declaration() {
  static const ClassInfo kInfo = [] {
    auto declaration = layer_declaration<GRUCell>("GRUCell", "recurrent",
                                                  "One step of a GRU: two gates decide what is kept and what is new.");
    add_cell_arguments(declaration);
    add_gate_arguments(declaration);
    declaration.arg("reset_after", &GRUCell::reset_after, kResetAfterDoc, kAdvanced);
    return declaration.build();
  }();
  return kInfo;
}

std::vector<Shape> GRUCell::state_shapes(const Shape& step) const { return {{step[0], units}}; }

void GRUCell::build_weights(BuildContext& context) const {
  check_activation(context, "recurrent_activation", recurrent_activation, units);
  declare_weights(context, *this, 3, reset_after ? Shape{2, 3 * units} : Shape{3 * units}, bias_initializer);
}

CellRun GRUCell::run(CallContext& context, const CellSequence& sequence) const {
  const DropoutMasks masks(context, *this, sequence, mask_count(*this, 3), kBelowOne);
  const Value recurrent = context.weight(1);
  const int64_t width = 3 * units;
  Value x = masked_product(sequence.x, context.weight(0), masks.input);
  Value recurrent_bias;
  if (use_bias) {
    const Value bias = context.weight(2);
    x = x + (reset_after ? reshape(slice(bias, {0, 0}, {1, width}), {width}) : bias);
    if (reset_after) recurrent_bias = reshape(slice(bias, {1, 0}, {1, width}), {width});
  }
  const auto gates = [&](Value x_t, Value inner) {
    return recurrent_activation.is_linear() || recurrent_activation.get()->elementwise()
               ? recurrent_activation.apply(last_part(x_t, 0, 2 * units) + last_part(inner, 0, 2 * units))
               : concat({recurrent_activation.apply(last_part(x_t, 0, units) + last_part(inner, 0, units)),
                         recurrent_activation.apply(last_part(x_t, units, units) + last_part(inner, units, units))},
                        -1);
  };
  const Masks gate_masks(masks.recurrent.begin(),
                         masks.recurrent.empty() ? masks.recurrent.end() : masks.recurrent.begin() + 2);
  return run_steps(context, *this, sequence, x, [&](Value x_t, const std::vector<Value>& states) -> std::vector<Value> {
    const Value h = states[0];
    Value inner = reset_after ? masked_product(h, recurrent, masks.recurrent)
                              : masked_product(h, last_part(recurrent, 0, 2 * units), gate_masks);
    if (recurrent_bias) inner = inner + recurrent_bias;
    const Value zr = gates(x_t, inner);
    const Value z = last_part(zr, 0, units);
    const Value r = last_part(zr, units, units);
    const Value kept = masks.recurrent.empty() ? h : h * masks.recurrent[2];
    const Value content =
        reset_after ? r * last_part(inner, 2 * units, units) : matmul(r * kept, last_part(recurrent, 2 * units, units));
    const Value fresh = activation.apply(last_part(x_t, 2 * units, units) + content);
    return {z * h + (1.0 - z) * fresh};
  });
}

// ---------------------------------------------------------------- StackedRNNCells

namespace {

/// Cells one on top of the other, which work as one. The states of all of them follow each other.
struct StackedRNNCells final : LayerOf<StackedRNNCells, Cell> {
  std::vector<Ref<Layer>> cells;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<StackedRNNCells>("StackedRNNCells", "recurrent",
                                           "Several cells on top of each other, as one.")
            .arg("cells", &StackedRNNCells::cells, "The cells, the lowest first.", kRequired)
            .rule([](const StackedRNNCells& stack, const ParseContext& context) {
              for (size_t i = 0; i < stack.cells.size(); ++i)
                if (stack.cell(i) == nullptr)
                  context.child("cells").item(i).error("rnn.cell", {{"class_name", stack.cells[i]->info().class_name}});
            })
            .build();
    return kInfo;
  }

  // An unusable stack is still asked for its number of states.
  int state_count() const override {
    int count = 0;
    for (size_t i = 0; i < cells.size(); ++i) count += cell(i) == nullptr ? 1 : cell(i)->state_count();
    return count;
  }
  int output_state() const override {
    int before = 0;
    for (size_t i = 0; i + 1 < cells.size(); ++i) before += cell(i)->state_count();
    return before + cell(cells.size() - 1)->output_state();
  }
  std::vector<Shape> state_shapes(const Shape& step) const override {
    std::vector<Shape> all;
    Shape x = step;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::vector<Shape> shapes = cell(i)->state_shapes(x);
      all.insert(all.end(), shapes.begin(), shapes.end());
      x = shapes[static_cast<size_t>(cell(i)->output_state())];
    }
    return all;
  }

  void build_weights(BuildContext& context) const override {
    TensorSpec x = context.input();
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::vector<TensorSpec> outputs =
          build_inner(context, {"cells", static_cast<int>(i)}, *cells[i], inputs_of(i, x));
      if (outputs.empty()) return;
      x = outputs.front();
    }
  }

  /// The upper cells never reach back to the lower ones, so each runs along the whole sequence in turn.
  CellRun run(CallContext& context, const CellSequence& sequence) const override {
    CellRun result{sequence.x, {}};
    size_t first_state = 0;
    int first_weight = 0;
    for (size_t i = 0; i < cells.size(); ++i) {
      const auto begin = sequence.states.begin() + static_cast<std::ptrdiff_t>(first_state);
      const auto count = static_cast<size_t>(cell(i)->state_count());
      const TensorSpec step{result.outputs.dtype(), result.outputs.shape().drop_front()};
      InnerLayer inner(context, *cells[i], first_weight, inputs_of(i, step));
      CallContext call = inner.begin({}, {});
      const CellRun run =
          cell(i)->run(call, {result.outputs, sequence.mask, {begin, begin + static_cast<std::ptrdiff_t>(count)}});
      inner.end(call);
      result.outputs = run.outputs;
      result.states.insert(result.states.end(), run.states.begin(), run.states.end());
      first_state += count;
      first_weight = inner.end_weight();
    }
    return result;
  }

 private:
  const Cell* cell(size_t i) const { return dynamic_cast<const Cell*>(&*cells[i]); }

  std::vector<TensorSpec> inputs_of(size_t i, const TensorSpec& step) const {
    std::vector<TensorSpec> inputs{step};
    for (const Shape& shape : cell(i)->state_shapes(step.shape)) inputs.push_back({step.dtype, shape});
    return inputs;
  }
};

}  // namespace

LayerClasses recurrent_cells() {
  return {&SimpleRNNCell::declaration(), &LSTMCell::declaration(), &GRUCell::declaration(),
          &StackedRNNCells::declaration()};
}

}  // namespace trainyard

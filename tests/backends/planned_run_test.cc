// Planner, fusion and executor against the interpreter, which shares no memory between values: whatever is laid in one
// place, written in place or fused must give the bits of each op by itself.
#include <gtest/gtest.h>

#include "engine/core/philox.h"
#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/runtime/executor.h"
#include "tests/backends/agreement.h"
#include "tests/backends/interpret.h"

namespace trainyard::testing {
namespace {

/// ref's kernels with every rewrite that the fusion pass knows. ref rounds a fused program after each instruction, so
/// not a bit may change.
class FusingRef final : public Backend {
 public:
  std::string_view name() const override { return "fusing ref"; }
  std::string_view instruction_set() const override { return "scalar"; }
  const KernelTable& kernels() const override { return ref_backend().kernels(); }
  FusionClaims claims() const override { return {.elementwise = true, .epilogues = true}; }
};

/// A graph with what it needs to run.
struct Program {
  Graph graph;
  Variables variables;
  std::vector<Tensor> inputs;
};

Tensor random_tensor(const Shape& shape, uint64_t seed, double scale = 1) {
  Tensor tensor(DType::f32, shape);
  const Philox random{.seed = seed};
  for (size_t i = 0; i < tensor.span<float>().size(); ++i)
    tensor.span<float>()[i] = static_cast<float>(scale * random.normal(i));
  return tensor;
}

Value add_variable(Program& program, const std::string& name, const Tensor& value) {
  const ValueType type{value.dtype(), value.shape()};
  const int index = program.variables.add(name, type);
  program.variables.set(index, value);
  return program.graph.variable(index, type, name);
}

Value add_input(Program& program, const Tensor& value) {
  program.inputs.push_back(value);
  return program.graph.input("x", {value.dtype(), value.shape()});
}

Variables copy_of(const Variables& variables) {
  Variables copy;
  for (int i = 0; i < variables.count(); ++i) {
    const Variable& variable = variables[i];
    if (variable.parent >= 0) {
      copy.add_view(variable.name, variable.type.shape, variable.parent, variable.offset);
      continue;
    }
    copy.add(variable.name, variable.type);
    copy.set(i, variables.get(i));
  }
  return copy;
}

/// One step of the oracle: variables as they are before, assignments carried out after everything was read.
std::vector<Tensor> oracle_step(const Program& program, Variables& variables, const StepInfo& step) {
  std::vector<Tensor> before;
  before.reserve(static_cast<size_t>(variables.count()));
  for (int i = 0; i < variables.count(); ++i) before.push_back(variables.get(i));
  std::vector<Tensor> after = before;
  auto values = interpret(program.graph, program.inputs, after, ref_backend(), {.step = step});
  for (const Assignment& assignment : program.graph.assignments())
    variables.set(assignment.variable, after[static_cast<size_t>(assignment.variable)]);
  return values;
}

std::string difference(const Tensor& actual, const Tensor& expected, bool exact) {
  return disagreement(actual, expected, false, exact);
}

Tensor copied(const TensorView& view) {
  Tensor tensor(view.dtype, view.shape);
  std::memcpy(tensor.data(), view.data, view.bytes());
  return tensor;
}

[[maybe_unused]] constexpr size_t kKeepAll = size_t{1} << 30;

/// Some steps of `program` on `backend`; outputs and variables must follow the oracle's after each.
void expect_like_oracle(const Program& program, const Backend& backend, bool exact, int threads = 1,
                        size_t kept_limit = 0) {
  Variables variables = copy_of(program.variables);
  Variables expected = copy_of(program.variables);
  ThreadPool pool(threads);
  Arena arena;
  KeptStore kept;
  const PlanOptions options{
      .backends = {&backend, &ref_backend()}, .threads = threads, .fuse = true, .kept_limit = kept_limit};
  Executor executor(make_plan(program.graph, variables, options), {variables, arena, kept}, pool);
  for (size_t i = 0; i < program.inputs.size(); ++i) executor.bind(static_cast<int>(i), program.inputs[i].data());
  for (uint32_t s = 0; s < 3; ++s) {
    const StepInfo step{.seed = 5, .step = s};
    const auto values = oracle_step(program, expected, step);
    executor.run(step);
    for (const int output : program.graph.outputs())
      EXPECT_EQ(difference(copied(executor.output(output)), values[static_cast<size_t>(output)], exact), "")
          << backend.name() << " step " << s << " output " << output;
    for (int v = 0; v < variables.count(); ++v)
      EXPECT_EQ(difference(variables.get(v), expected.get(v), exact), "")
          << backend.name() << " step " << s << " variable " << variables[v].name;
  }
}

void expect_like_oracle_everywhere(const Program& program) {
  expect_like_oracle(program, ref_backend(), true);
  expect_like_oracle(program, FusingRef(), true);
#ifdef TRAINYARD_TEST_CPU
  const auto cpu = make_cpu_backend();
  for (const int threads : {1, 3})
    for (const size_t kept : {size_t{0}, kKeepAll}) expect_like_oracle(program, *cpu, false, threads, kept);
#endif
}

/// Weights as windows on one flat variable, updated as a whole: w -= 0.1 * gradient, with momentum.
void add_flat_training(Program& program, Value loss, int flat_index, const std::vector<Value>& weights) {
  const std::vector<Value> dws = gradients(loss, weights);
  std::vector<Value> parts;
  parts.reserve(dws.size());
  for (const Value& dw : dws) parts.push_back(reshape(dw, {dw.shape().elements()}));
  const Value gradient = concat(parts, 0);
  const Value flat = program.graph.variable(flat_index, {DType::f32, gradient.shape()}, "flat");
  const Value velocity = add_variable(program, "velocity", Tensor(DType::f32, gradient.shape()));
  const Value next = velocity * 0.9 - gradient * 0.1;
  program.graph.assign(program.graph.values()[static_cast<size_t>(velocity.id())].index, next);
  program.graph.assign(flat_index, flat + next);
  program.graph.mark_output(loss);
}

TEST(PlannedRuns, TrainAPerceptronWithFlatWeights) {
  Program program;
  const Value x = add_input(program, random_tensor({8, 12}, 1));
  const Value labels = add_input(program, Tensor::of<int32_t>({8}, {0, 1, 2, 3, 4, 0, 1, 2}));
  const std::vector<Shape> shapes{{12, 9}, {9}, {9, 5}, {5}};
  int64_t total = 0;
  for (const Shape& shape : shapes) total += shape.elements();
  const int flat = program.variables.add("flat", f32({total}));
  program.variables.set(flat, random_tensor({total}, 2, 0.3));
  std::vector<Value> weights;
  int64_t offset = 0;
  for (const Shape& shape : shapes) {
    const int view = program.variables.add_view("w" + std::to_string(offset), shape, flat, offset);
    weights.push_back(program.graph.variable(view, f32(shape)));
    offset += shape.elements();
  }
  const Value hidden = relu(matmul(x, weights[0]) + weights[1]);
  const Value logits = matmul(hidden, weights[2]) + weights[3];
  const Value loss = -mean(sum(log_softmax(logits) * one_hot(labels, 5, DType::f32), {-1}));
  program.graph.mark_output(softmax(logits));
  add_flat_training(program, loss, flat, weights);
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, TrainAConvolutionWithStatisticsAndDropout) {
  Program program;
  const Value x = add_input(program, random_tensor({4, 9, 9, 2}, 1));
  const Value target = add_input(program, random_tensor({4, 3}, 2));
  const Value w = add_variable(program, "w", random_tensor({3, 3, 2, 6}, 3, 0.3));
  const Value b = add_variable(program, "b", random_tensor({6}, 4, 0.3));
  const Value scale = add_variable(program, "scale", random_tensor({6}, 5));
  const Value moving = add_variable(program, "moving", random_tensor({6}, 6));
  const Value out = add_variable(program, "out", random_tensor({96, 3}, 7, 0.2));

  Value y = relu(conv(x, w, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}) + b);
  const Value average = mean(y, {0, 1, 2}, true);
  const Value spread = mean(square(y - average), {0, 1, 2}, true);
  y = (y - average) * unary(op::UnaryKind::rsqrt, spread + 1e-3) * scale;
  y = pool(y, {op::PoolKind::max, {2, 2}, {2, 2}, {0, 0}, {0, 0}});
  const Value kept = random(program.graph, {.kind = op::RandomKind::bernoulli, .shape = y.shape(), .a = 0.8});
  y = reshape(y * kept / 0.8, {4, 96});
  const Value loss = mean(square(matmul(y, out) - target));

  const std::vector<Value> weights{w, b, scale, out};
  const std::vector<Value> dws = gradients(loss, weights);
  for (size_t i = 0; i < weights.size(); ++i)
    program.graph.assign(program.graph.values()[static_cast<size_t>(weights[i].id())].index,
                         weights[i] - dws[i] * 0.05);
  program.graph.assign(3, moving * 0.9 + reshape(average, {6}) * 0.1);
  program.graph.mark_output(loss);
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, SwapTwoVariables) {
  Program program;
  const Value a = add_variable(program, "a", random_tensor({70}, 1));
  const Value b = add_variable(program, "b", random_tensor({70}, 2));
  program.graph.assign(0, b);
  program.graph.assign(1, a);
  program.graph.mark_output(a + b);
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, AssignInputsConstantsAndTheSameValueTwice) {
  Program program;
  const Value x = add_input(program, random_tensor({20}, 1));
  const Value a = add_variable(program, "a", random_tensor({20}, 2));
  const Value b = add_variable(program, "b", random_tensor({20}, 3));
  add_variable(program, "c", random_tensor({20}, 4));
  add_variable(program, "d", random_tensor({20}, 5));
  add_variable(program, "e", random_tensor({20}, 6));
  const Value next = a * b;
  program.graph.assign(0, next);
  program.graph.assign(1, next);
  program.graph.assign(2, x);
  program.graph.assign(3, program.graph.constant(random_tensor({20}, 7)));
  program.graph.assign(4, reshape(reshape(a, {4, 5}), {20}));
  program.graph.mark_output(next);
  program.graph.mark_output(a * 1.5);  // of the old value, as all reads see
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, ReadAVariableAfterItsNextValueIsKnown) {
  Program program;
  const Value a = add_variable(program, "a", random_tensor({33}, 1));
  const Value next = tanh(a * 2.0);
  const Value late = next * a - square(a);  // a must not be overwritten yet
  program.graph.assign(0, next);
  program.graph.mark_output(late);
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, AddARowOfAVariableToItself) {
  Program program;
  const Value whole = add_variable(program, "whole", random_tensor({6, 10}, 1));
  const int view = program.variables.add_view("row", {10}, 0, 20);
  program.graph.assign(0, whole + program.graph.variable(view, f32({10})));
  program.graph.mark_output(sum(whole));
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, MultiplyAVariableByAMatrix) {
  Program program;
  const Value a = add_variable(program, "a", random_tensor({6, 10}, 1));
  program.graph.assign(0, matmul(a, program.graph.constant(random_tensor({10, 10}, 2, 0.3))));
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, AddARowOfAValueToItself) {
  Program program;
  const Value x = tanh(add_input(program, random_tensor({6, 10}, 1)));
  program.graph.mark_output(sigmoid(x + slice(x, {3, 0}, {1, 10})));
  expect_like_oracle_everywhere(program);
}

TEST(PlannedRuns, ApplyTwoActivationsAndTwoBiasesInTurn) {
  Program program;
  const Value x = add_input(program, random_tensor({6, 10}, 1));
  const Value w = program.graph.constant(random_tensor({10, 10}, 2, 0.3));
  const Value b = program.graph.constant(random_tensor({10}, 3));
  program.graph.mark_output(tanh(relu(matmul(x, w))));
  program.graph.mark_output(relu(matmul(x, w) + b) + b);
  program.graph.mark_output(tanh(matmul(x, w) + b + b));
  expect_like_oracle_everywhere(program);
}

/// Random graphs over matrices of one size, with everything that the planner may lay in one place.
class GraphMaker {
 public:
  explicit GraphMaker(uint64_t seed) : random_{.seed = seed} {}

  Program make() {
    Program program;
    for (uint64_t i = 0; i < 2; ++i) values_.push_back(add_input(program, random_tensor(kShape, 100 + i)));
    for (uint64_t i = 0; i < 3; ++i) {
      values_.push_back(add_variable(program, "v" + std::to_string(i), random_tensor(kShape, 200 + i)));
      weights_.push_back(values_.back());
    }
    const uint32_t count = 5 + below(25);
    for (uint32_t i = 0; i < count; ++i) values_.push_back(next_value(program.graph));
    if (below(2) == 0)
      add_training(program);
    else
      add_assignments(program);
    // of variables themselves a run leaves only the new value
    for (uint32_t i = 0; i < 2; ++i) program.graph.mark_output(any() * 1.25);
    program.graph.mark_output(sigmoid(values_.back()));
    return program;
  }

 private:
  static inline const Shape kShape{6, 10};

  uint32_t below(uint32_t n) { return random_.below(drawn_++, n); }
  Value any() { return values_[below(static_cast<uint32_t>(values_.size()))]; }

  Value next_value(Graph& graph) {
    const Value x = any();
    const Value y = any();
    switch (below(24)) {
      case 0: return tanh(x);
      case 1: return relu(x);
      case 2: return -x;
      case 3: return sigmoid(x) * y;
      case 4: return x + y;
      case 5: return x - y;
      case 6: return tanh(x * y);
      case 7: return select(greater(x, y), x, y * 0.5);
      case 8: return x + mean(y, {0}, true);
      case 9: return x - mean(y, {-1}, true);
      case 10: return x * mean(y);
      case 11: return slice(concat({x, y}, 0), {3, 0}, {6, 10});
      case 12: return slice(concat({x, y}, 1), {0, 5}, {6, 10});
      case 13: return slice(x + slice(concat({y, x}, 0), {6, 0}, {6, 10}), {0, 0}, {6, 10});
      case 14: return reshape(tanh(reshape(x, {60})), kShape);
      case 15: return transpose(tanh(transpose(x, {1, 0})), {1, 0});
      case 16: return softmax(x);
      case 17:
        return tanh(matmul(x, y, false, true)).shape() == kShape ? x : matmul(matmul(x, y, false, true), y) * 0.1;
      case 19: return matmul(x, graph.constant(random_tensor({10, 10}, 300, 0.3)));
      case 20: return row_added(tanh(x));
      case 21: return row_added(x);
      case 22: return reshape(slice(reshape(x, {3, 20}) * 0.9, {0, 0}, {3, 20}), kShape);
      case 18: return cast(cast(x, DType::f64) * 0.5, DType::f32);
      default: return x + random(graph, {.kind = op::RandomKind::uniform, .shape = kShape, .stream = below(100)});
    }
  }

  /// A row of a matrix added to all of it: a part of the memory that the sum might be written into.
  Value row_added(Value x) { return (x + slice(x, {below(6), 0}, {1, 10})) * 0.5; }

  void add_training(Program& program) {
    const Value loss = mean(square(tanh(values_.back())));
    const std::vector<Value> dws = gradients(loss, weights_);
    for (size_t i = 0; i < weights_.size(); ++i) program.graph.assign(static_cast<int>(i), weights_[i] - dws[i] * 0.1);
    program.graph.mark_output(loss);
  }

  void add_assignments(Program& program) {
    for (int i = 0; i < 3; ++i)
      if (below(3) != 0) program.graph.assign(i, tame(any()));
  }

  /// Half of the time what is assigned is the value itself, which may be a variable or an input too.
  Value tame(Value x) { return below(2) == 0 ? x : tanh(x); }

  Philox random_;
  uint64_t drawn_ = 0;
  std::vector<Value> values_;
  std::vector<Value> weights_;
};

#ifdef TRAINYARD_TEST_CPU
/// One product of x by a weight that changes between runs: with its packed form kept and without.
struct KeptCase {
  int64_t m, k, n;
  bool transpose_a = false, transpose_b = false;
};

/// Numbers between -1 and 1, quickly made.
Tensor mixed_numbers(const Shape& shape, uint32_t seed) {
  Tensor tensor(DType::f32, shape);
  float* to = tensor.span<float>().data();
  for (uint32_t i = 0; i < static_cast<uint32_t>(shape.elements()); ++i)
    to[i] = static_cast<float>((i * 2654435761U + seed * 40503U) >> 20 & 1023U) / 512 - 1;
  return tensor;
}

void expect_same_bits_kept(const Backend& cpu, const KeptCase& c, int threads) {
  Graph graph;
  Variables variables;
  const Shape shape = c.transpose_b ? Shape{c.n, c.k} : Shape{c.k, c.n};
  const int weight = variables.add("w", {DType::f32, shape});
  const Value x = graph.input("x", {DType::f32, c.transpose_a ? Shape{c.k, c.m} : Shape{c.m, c.k}});
  const Value y = matmul(x, graph.variable(weight, variables[weight].type, "w"), c.transpose_a, c.transpose_b);
  graph.mark_output(y);
  ThreadPool pool(threads);
  Arena arena;
  KeptStore kept;
  PlanOptions options{.backends = {&cpu}, .threads = threads};
  Executor plain(make_plan(graph, variables, options), {variables, arena, kept}, pool);
  options.kept_limit = kKeepAll;
  Executor keeping(make_plan(graph, variables, options), {variables, arena, kept}, pool);
  ASSERT_EQ(keeping.plan().kept.size(), 1U);
  EXPECT_LE(keeping.plan().arena_bytes, plain.plan().arena_bytes);
  const Tensor data = mixed_numbers(x.shape(), 1);
  for (Executor* each : {&plain, &keeping}) each->bind(0, data.data());
  for (uint32_t round = 0; round < 3; ++round) {
    if (round != 1) variables.set(weight, mixed_numbers(shape, 2 + round));
    plain.run({});
    const Tensor wanted = copied(plain.output(y.id()));
    keeping.run({});
    EXPECT_EQ(std::memcmp(keeping.output(y.id()).data, wanted.data(), wanted.bytes()), 0)
        << c.m << "x" << c.k << "x" << c.n << " turned " << c.transpose_a << c.transpose_b << ", round " << round;
  }
}

TEST(PlannedRuns, KeepPackedWeightsWithoutChangingABit) {
  const auto cpu = make_cpu_backend();
  for (const int64_t m : {1, 5, 16, 127, 128, 131, 300})
    for (const int64_t n : {1, 10, 33, 128, 200, 513})
      for (const int turned : {0, 1, 2, 3})
        expect_same_bits_kept(*cpu, {m, 130 + m % 3, n, (turned & 1) != 0, (turned & 2) != 0}, m % 2 == 0 ? 1 : 3);
  expect_same_bits_kept(*cpu, {1, 2500, 257}, 2);    // several blocks of k
  expect_same_bits_kept(*cpu, {130, 9000, 380}, 2);  // several slabs of k
  expect_same_bits_kept(*cpu, {130, 9000, 380, false, true}, 2);
}
#endif

#ifdef TRAINYARD_TEST_CPU
TEST(PlannedRuns, OfCpuStayNearTheInterpreterOnRandomGraphs) {
  const auto cpu = make_cpu_backend();
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("graph " + std::to_string(seed));
    expect_like_oracle(GraphMaker(seed).make(), *cpu, false, 2, seed % 2 == 0 ? 0 : kKeepAll);
  }
}
#endif

TEST(PlannedRuns, FollowTheInterpreterOnRandomGraphs) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("graph " + std::to_string(seed));
    const Program program = GraphMaker(seed).make();
    expect_like_oracle(program, ref_backend(), true);
    expect_like_oracle(program, FusingRef(), true);
  }
}

}  // namespace
}  // namespace trainyard::testing

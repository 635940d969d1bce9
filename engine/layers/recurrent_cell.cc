#include "engine/layers/recurrent_cell.h"

#include <cstring>
#include <numeric>

namespace trainyard {
namespace {

bool state_fits(const Shape& given, const Shape& wanted) {
  if (given.rank() != wanted.rank()) return false;
  for (int axis = 0; axis < given.rank(); ++axis)
    if (given[axis] != kUnknown && wanted[axis] != kUnknown && given[axis] != wanted[axis]) return false;
  return true;
}

/// Keras draws the first quarter and the rest apart, with ones for the forget gate in between.
struct ForgetBias final : Initializer {
  Ref<Initializer> base;

  // Only ever a part of a weight's description: its class is the base's.
  const ClassInfo& info() const override { return base->info(); }
  std::string problem(const Shape& shape) const override { return base->problem({shape.back() / 4}); }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    const int64_t units = shape.back() / 4;
    Philox second = random;
    second.step = 1;
    const Tensor parts[] = {base->make({units}, dtype, random), initializers::ones()->make({units}, dtype, random),
                            base->make({2 * units}, dtype, second)};
    Tensor all(dtype, shape);
    auto* to = static_cast<std::byte*>(all.data());
    for (const Tensor& part : parts) {
      std::memcpy(to, part.data(), part.bytes());
      to += part.bytes();
    }
    return all;
  }
};

}  // namespace

Ref<Initializer> forget_bias(Ref<Initializer> base) {
  auto initializer = std::make_shared<ForgetBias>();
  initializer->base = std::move(base);
  return Ref<Initializer>(std::move(initializer));
}

void Cell::build(BuildContext& context) const {
  build_weights(context);
  if (context.failed()) return;
  const std::vector<Shape> shapes = state_shapes(context.shape());
  for (size_t i = 0; i < shapes.size(); ++i)
    if (const Shape& given = context.shape(static_cast<int>(i) + 1); !state_fits(given, shapes[i]))
      return context.error("", "cell.state", {{"shape", given.text()}, {"wanted", shapes[i].text()}});
  context.add_output(shapes[static_cast<size_t>(output_state())]);
  for (const Shape& shape : shapes) context.add_output(shape);
}

void Cell::call(CallContext& context) const {
  const Value x = context.input();
  const CellSequence sequence{
      reshape(x, x.shape().with_front(1)), {}, {context.inputs().begin() + 1, context.inputs().end()}};
  const CellRun result = run(context, sequence);
  context.add_output(result.states[static_cast<size_t>(output_state())]);
  for (const Value& state : result.states) context.add_output(state);
}

Value draw_dropout(CallContext& context, const Shape& shape, DType dtype, double rate, std::optional<int64_t> seed) {
  const double keep = 1 - rate;
  const Value kept = random(context.graph(), {.kind = op::RandomKind::bernoulli,
                                              .dtype = dtype,
                                              .shape = shape,
                                              .stream = context.next_random_stream(),
                                              .seed = static_cast<uint64_t>(seed.value_or(0)),
                                              .a = keep,
                                              .b = 0});
  return kept * (keep > 0 ? 1 / keep : 0);
}

Value last_part(Value x, int64_t start, int64_t size) {
  if (start == 0 && size == x.shape().back()) return x;
  std::vector<int64_t> starts(static_cast<size_t>(x.rank()), 0);
  std::vector<int64_t> sizes(x.shape().begin(), x.shape().end());
  starts.back() = start;
  sizes.back() = size;
  return slice(x, std::move(starts), std::move(sizes));
}

Value swap_time(Value x) {
  std::vector<int> permutation(static_cast<size_t>(x.rank()));
  std::iota(permutation.begin(), permutation.end(), 0);
  std::swap(permutation[0], permutation[1]);
  return transpose(x, std::move(permutation));
}

Value reversed(Value x) {
  const int64_t count = x.shape().front();
  Tensor order(DType::i32, {count});
  const auto places = order.span<int32_t>();
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int32_t>(places.size() - 1 - i);
  return gather(x, x.graph().constant(std::move(order)));
}

Value time_step(Value x, int64_t t) {
  std::vector<int64_t> starts(static_cast<size_t>(x.rank()), 0);
  std::vector<int64_t> sizes(x.shape().begin(), x.shape().end());
  starts.front() = t;
  sizes.front() = 1;
  return reshape(slice(x, std::move(starts), std::move(sizes)), x.shape().drop_front());
}

std::vector<Value> masked_states(Value mask, const std::vector<Value>& after, const std::vector<Value>& before) {
  if (!mask) return after;
  std::vector<Value> states;
  for (size_t i = 0; i < after.size(); ++i) {
    Shape shape{std::vector<int64_t>(static_cast<size_t>(after[i].rank()), 1)};
    shape[0] = mask.shape()[0];
    states.push_back(select(reshape(mask, shape), after[i], before[i]));
  }
  return states;
}

void penalize_step(CallContext& context, const Cell& cell, const std::vector<Value>& states) {
  if (!cell.activity_regularizer) return;
  std::vector<Value> seen{states[static_cast<size_t>(cell.output_state())]};
  seen.insert(seen.end(), states.begin(), states.end());
  std::vector<Value> losses;
  penalize_activity(cell, seen, losses);
  for (const Value& loss : losses) context.add_loss(loss);
}

}  // namespace trainyard

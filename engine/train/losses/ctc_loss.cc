#include <limits>

#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

/// Stands for the logarithm of 0 where sums of it must stay finite.
constexpr double kNever = -1e30;

/// log(exp(a) + exp(b) + exp(c)), elementwise.
Value log_add(Value a, Value b, Value c) {
  const Value largest = maximum(maximum(a, b), c);
  return largest + log(exp(a - largest) + exp(b - largest) + exp(c - largest));
}

/// x shifted right along the last dimension, kNever moving in. x: [n, s]
Value shifted(Value x, int64_t by) {
  const int64_t n = x.shape()[0];
  const int64_t s = x.shape()[1];
  if (by >= s) return fill(x.graph(), x.dtype(), x.shape(), kNever);
  return concat({fill(x.graph(), x.dtype(), {n, by}, kNever), slice(x, {0, 0}, {n, s - by})}, 1);
}

/// 0, l1, 0, l2, ..., 0. labels: i32 [n, length] -> [n, 2 length + 1]
Value with_blanks(Value labels) {
  const int64_t n = labels.shape()[0];
  const int64_t length = labels.shape()[1];
  Graph& graph = labels.graph();
  const Value pairs = concat({fill(graph, DType::i32, {n, length, 1}, 0), reshape(labels, {n, length, 1})}, 2);
  return concat({reshape(pairs, {n, 2 * length}), fill(graph, DType::i32, {n, 1}, 0)}, 1);
}

/// States that may be entered from two states before: labels that differ from the label before. states: i32 [n, s]
Value skippable(Value states) {
  const int64_t n = states.shape()[0];
  const int64_t s = states.shape()[1];
  if (s < 3) return greater(fill(states.graph(), DType::f32, states.shape(), 0), 0.0);
  const Value before = concat({fill(states.graph(), DType::i32, {n, 2}, 0), slice(states, {0, 0}, {n, s - 2})}, 1);
  return binary(op::BinaryKind::logical_and, not_equal(states, 0.0), binary(op::BinaryKind::not_equal, states, before));
}

/// Graves et al. 2006: minus the log probability of all paths through the states that spell the labels.
/// labels: i32 [n, length], 0 pads  logits: [n, steps, classes], class 0 is the blank  -> [n]
Value ctc(Value labels, Value logits) {
  const int64_t n = logits.shape()[0];
  const int64_t steps = logits.shape()[1];
  const Value states = with_blanks(labels);
  const int64_t s = states.shape()[1];
  const Value spelled = one_hot(states, logits.shape()[2], logits.dtype());  // [n, s, classes]
  const Value emitted = matmul(log_softmax(logits), spelled, false, true);   // [n, steps, s]
  const auto at = [&](int64_t t) { return reshape(slice(emitted, {0, t, 0}, {n, 1, s}), {n, s}); };
  const Value skip = skippable(states);
  const int64_t starts = std::min<int64_t>(2, s);
  Value alpha = at(0);
  if (s > starts)
    alpha =
        concat({slice(alpha, {0, 0}, {n, starts}), fill(logits.graph(), logits.dtype(), {n, s - starts}, kNever)}, 1);
  for (int64_t t = 1; t < steps; ++t)
    alpha = log_add(alpha, shifted(alpha, 1), select(skip, shifted(alpha, 2), kNever)) + at(t);
  // The last label's state and the blank after it, wherever the sample's labels end.
  const Value length = sum(cast(not_equal(labels, 0.0), logits.dtype()), {1}, true);  // [n, 1]
  std::vector<double> numbers(static_cast<size_t>(s));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
  const Value position = logits.graph().constant(Tensor::of<double>({1, s}, numbers).cast(logits.dtype()));
  const Value back = length * 2.0 - position;  // 0 and 1 at the two states
  const Value ends = binary(op::BinaryKind::logical_and, greater_equal(back, 0.0), less_equal(back, 1.0));
  const Value last = select(ends, alpha, kNever);
  const Value largest = reduce(op::ReduceKind::max, last, {-1}, true);
  const Value losses = -(log(sum(exp(last - largest), {-1})) + squeeze_last(largest));
  return select(greater(losses, -kNever / 10), std::numeric_limits<double>::infinity(), losses);
}

class CTC final : public Loss {
 public:
  CTC() { name = "ctc"; }
  const ClassInfo& info() const override { return class_info(); }
  LabelKind label_kind() const override { return LabelKind::sequence; }
  Value call(Value y_true, Value y_pred) const override { return ctc(cast(y_true, DType::i32), y_pred); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_loss(Declaration<CTC>(
        "CTC", "sequence", "For sequences of labels whose places in time are unknown; class 0 is the blank"));
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> sequence_losses() { return {&CTC::class_info()}; }

}  // namespace trainyard

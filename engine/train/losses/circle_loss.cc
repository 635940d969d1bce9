#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

/// Stands for minus infinity where sums of it must stay finite.
constexpr double kNoPair = -1e30;

/// log(sum(exp(x))) along the last dimension, of the entries where `mask` holds.
Value masked_logsumexp(Value x, Value mask) {
  const Value entries = select(mask, x, kNoPair);
  const Value largest = reduce(op::ReduceKind::max, entries, {-1}, true);
  return log(sum(exp(entries - largest), {-1})) + squeeze_last(largest);
}

/// Pulls embeddings of one group together and those of different groups apart (Sun et al. 2020; keras.losses.Circle).
class Circle final : public Loss {
 public:
  double gamma = 80;
  double margin = 0.4;
  bool remove_diagonal = true;
  Circle() { name = "circle"; }
  const ClassInfo& info() const override { return class_info(); }
  LabelKind label_kind() const override { return LabelKind::groups; }

  /// y_true: [batch] or [batch, 1]  y_pred: [batch, d], rows of length 1
  Value call(Value y_true, Value y_pred) const override {
    const int64_t n = y_pred.shape().front();
    const Value groups = cast(y_true, DType::i32);
    const Value same = equal(reshape(groups, {n, 1}), reshape(groups, {1, n}));
    const Value different = unary(op::UnaryKind::logical_not, same);
    const Value positive =
        remove_diagonal ? binary(op::BinaryKind::logical_and, same, off_diagonal(y_pred.graph(), n)) : same;
    const Value distance = maximum(1.0 - matmul(y_pred, y_pred, false, true), 0.0);
    const Value pull = select(positive, maximum(distance + margin, 0.0), 0.0) * (margin - distance) * -gamma;
    const Value push =
        select(different, maximum((1.0 + margin) - distance, 0.0), 0.0) * ((1.0 - margin) - distance) * gamma;
    return softplus(masked_logsumexp(pull, positive) + masked_logsumexp(push, different));
  }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_loss(
        Declaration<Circle>("Circle", "embedding",
                            "For embeddings of length 1: near within a group, far between groups")
            .arg("gamma", &Circle::gamma, "Sharpness", {.min = 0, .above_min = true})
            .arg("margin", &Circle::margin, "Distance within which a pair counts as near enough", {.min = 0, .max = 1})
            .arg("remove_diagonal", &Circle::remove_diagonal, "A sample is not its own neighbour", kAdvanced));
    return kInfo;
  }

 protected:
  /// Samples without a partner cost nothing and do not count.
  Value losses_mask(Value, Value losses) const override { return greater(losses, 0.0); }

 private:
  static Value off_diagonal(Graph& graph, int64_t n) {
    Tensor mask(DType::boolean, {n, n});
    bool* entries = mask.view().as<bool>();
    for (int64_t i = 0; i < n * n; ++i) entries[i] = i % (n + 1) != 0;
    return graph.constant(std::move(mask));
  }
};

}  // namespace

std::vector<const ClassInfo*> embedding_losses() { return {&Circle::class_info()}; }

}  // namespace trainyard

// True and false positives and negatives at thresholds: what Precision, Recall, AUC and their kin count.
#pragma once

#include "engine/train/metrics/metric_classes.h"
#include "engine/train/number_list.h"

namespace trainyard {

struct ConfusionOptions {
  /// Predictions above a threshold mean yes. Not empty, rising where there are several.
  std::vector<double> thresholds;
  /// Only the k highest predictions of each sample can mean yes.
  std::optional<int64_t> top_k;
  /// Only this class counts.
  std::optional<int64_t> class_id;
  /// Each label (the last dimension) is counted for itself.
  bool multi_label = false;
  /// Weight of each label; empty: 1.
  std::vector<double> label_weights;
};

/// Totals of true positives, false positives, true negatives and false negatives: [thresholds] or [thresholds, labels].
inline constexpr int kConfusionStates = 4;
std::vector<Shape> confusion_state(const ConfusionOptions& options, const Shape& y_pred);
/// y_true, y_pred: any shape, equal after squeeze_or_expand. Labels other than 0 mean yes.
std::vector<Value> update_confusion(const std::vector<Value>& state, const ConfusionOptions& options, Value y_true,
                                    Value y_pred, Value sample_weight);

/// The totals at threshold `t` (and label `l`), read on the host.
struct ConfusionCounts {
  double tp = 0, fp = 0, tn = 0, fn = 0;
};
ConfusionCounts confusion_counts(std::span<const TensorView> state, int64_t index);

/// 0, 1/(n-1), ..., 1; with `margins` the ends lie an epsilon outside.
std::vector<double> even_thresholds(int64_t count, bool margins);

}  // namespace trainyard

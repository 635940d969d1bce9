// How often predictions are right (keras.metrics, accuracy_metrics).
#include "engine/train/families.h"
#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

using Names = std::vector<std::string>;

Value matches(Value a, Value b) { return cast(equal(a, b), DType::f32); }

Value exact(Value y_true, Value y_pred) {
  const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  return mean(matches(t, p), {-1});
}

Value beyond_threshold(Value y_true, Value y_pred, double threshold) {
  const auto [t, p] = squeeze_or_expand(y_true, y_pred);
  return mean(matches(cast(t, DType::f32), cast(greater(p, threshold), DType::f32)), {-1});
}

Value largest(Value y_true, Value y_pred) { return matches(argmax(y_true), argmax(y_pred)); }

Value sparse_largest(Value y_true, Value y_pred) {
  return matches(class_numbers(y_true, y_pred.shape()), argmax(y_pred));
}

/// Whether fewer than k classes score higher than the true one. classes: i32 [...]  y_pred: [..., n].
Value in_top_k(Value classes, Value y_pred, int64_t k) {
  const Value mine = one_hot(classes, y_pred.shape().back(), DType::boolean);
  const Value score = sum(select(mine, y_pred, 0.0), {-1}, true);
  const Value higher = sum(cast(greater(y_pred, score), DType::f32), {-1});
  return cast(less(higher, static_cast<double>(k)), DType::f32);
}

/// Whether the class is one of the first k of a list of classes. classes: i32 [...]  sorted: [..., n].
Value in_first_k(Value classes, Value sorted, int64_t k) {
  std::vector<int64_t> start(static_cast<size_t>(sorted.rank()), 0);
  std::vector<int64_t> sizes = sorted.shape().dims();
  sizes.back() = std::min(k, sizes.back());
  const Value first = slice(cast(sorted, DType::i32), start, sizes);
  return reduce(op::ReduceKind::max, matches(expand_last(classes), first), {-1});
}

struct AccuracyTraits {
  static constexpr const char* kClass = "Accuracy";
  static constexpr const char* kName = "accuracy";
  static constexpr const char* kFamily = kAccuracyFamily;
  static constexpr const char* kDoc = "Share of predictions that equal the label exactly";
  static constexpr bool kHigherIsBetter = true;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return exact(t, p); }
};

struct CategoricalAccuracyTraits {
  static constexpr const char* kClass = "CategoricalAccuracy";
  static constexpr const char* kName = "categorical_accuracy";
  static constexpr const char* kFamily = kAccuracyFamily;
  static constexpr const char* kDoc = "Share of samples whose most likely class is right, labels one-hot";
  static constexpr bool kHigherIsBetter = true;
  static constexpr LabelKind kLabels = LabelKind::one_hot;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return largest(t, p); }
};

struct SparseCategoricalAccuracyTraits {
  static constexpr const char* kClass = "SparseCategoricalAccuracy";
  static constexpr const char* kName = "sparse_categorical_accuracy";
  static constexpr const char* kFamily = kAccuracyFamily;
  static constexpr const char* kDoc = "Share of samples whose most likely class is right, labels as class numbers";
  static constexpr bool kHigherIsBetter = true;
  static constexpr LabelKind kLabels = LabelKind::classes;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return sparse_largest(t, p); }
};

class BinaryAccuracy final : public MeanMetric {
 public:
  double threshold = 0.5;
  BinaryAccuracy() { name = "binary_accuracy"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<BinaryAccuracy>("BinaryAccuracy", kAccuracyFamily, "Share of yes-or-no predictions that are right")
            .arg("threshold", &BinaryAccuracy::threshold, "Predictions above it mean yes",
                 {.min = 0, .max = 1, .above_min = true, .below_max = true, .null_is_default = true}));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override { return beyond_threshold(y_true, y_pred, threshold); }
};

class TopKCategoricalAccuracy final : public MeanMetric {
 public:
  int64_t k = 5;
  LabelKind label_kind() const override { return LabelKind::one_hot; }
  TopKCategoricalAccuracy() { name = "top_k_categorical_accuracy"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<TopKCategoricalAccuracy>("TopKCategoricalAccuracy", kAccuracyFamily,
                                             "Share of samples whose class is among the k most likely, labels one-hot")
            .arg("k", &TopKCategoricalAccuracy::k, "How many classes may be named", kPositive));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override { return in_top_k(argmax(y_true), y_pred, k); }
};

class SparseTopKCategoricalAccuracy final : public MeanMetric {
 public:
  int64_t k = 5;
  bool from_sorted_ids = false;
  LabelKind label_kind() const override { return LabelKind::classes; }
  SparseTopKCategoricalAccuracy() { name = "sparse_top_k_categorical_accuracy"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_metric(Declaration<SparseTopKCategoricalAccuracy>(
                          "SparseTopKCategoricalAccuracy", kAccuracyFamily,
                          "Share of samples whose class is among the k most likely, labels as class numbers")
                          .arg("k", &SparseTopKCategoricalAccuracy::k, "How many classes may be named", kPositive)
                          .arg("from_sorted_ids", &SparseTopKCategoricalAccuracy::from_sorted_ids,
                               "Predictions are class numbers, most likely first, instead of scores",
                               {.advanced = true, .omit_null = true}));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    const Value classes = class_numbers(y_true, y_pred.shape());
    return from_sorted_ids ? in_first_k(classes, y_pred, k) : in_top_k(classes, y_pred, k);
  }
};

}  // namespace

std::vector<const ClassInfo*> accuracy_metrics() {
  return {&PlainMeanMetric<AccuracyTraits>::class_info(),
          &BinaryAccuracy::class_info(),
          &PlainMeanMetric<CategoricalAccuracyTraits>::class_info(),
          &PlainMeanMetric<SparseCategoricalAccuracyTraits>::class_info(),
          &TopKCategoricalAccuracy::class_info(),
          &SparseTopKCategoricalAccuracy::class_info()};
}

}  // namespace trainyard

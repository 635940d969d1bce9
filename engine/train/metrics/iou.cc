// Intersection over union of predicted and labelled classes (keras.metrics, iou_metrics).
#include <algorithm>

#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

/// State: the confusion matrix, [classes by label, classes by prediction].
class IoUBase : public Metric {
 public:
  int64_t num_classes = 2;
  std::optional<int64_t> ignore_class;
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int64_t axis = -1;
  MetricDType dtype{.counts = true};
  bool higher_is_better() const override { return true; }
  std::vector<Shape> state(const Shape&) const override { return {Shape{num_classes, num_classes}}; }

  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    const Value t = classes_of(y_true, sparse_y_true);
    const Value p = predicted(y_pred);
    const int64_t n = t.shape().elements();
    Value weights = sample_weight ? weights_of(sample_weight, t.shape()) : fill(t.graph(), DType::f32, {n}, 1);
    if (dtype.counts) weights = cast(cast(weights, DType::i32), DType::f32);  // Keras's default dtype is int
    if (ignore_class) weights = select(equal(reshape(t, {n}), static_cast<double>(*ignore_class)), 0.0, weights);
    const Value by_label = one_hot(reshape(t, {n}), num_classes, DType::f32) * reshape(weights, {n, 1});
    return {state[0] + matmul(by_label, one_hot(reshape(p, {n}), num_classes, DType::f32), true)};
  }

  double result(std::span<const TensorView> state) const override {
    double total = 0;
    int64_t seen = 0;
    for (const int64_t c : targets()) {
      double labelled = 0;
      double predicted = 0;
      for (int64_t i = 0; i < num_classes; ++i) {
        labelled += element_as_double(state[0], c * num_classes + i);
        predicted += element_as_double(state[0], i * num_classes + c);
      }
      const double both = element_as_double(state[0], c * num_classes + c);
      const double either = labelled + predicted - both;
      if (either <= 1e-9) continue;  // never seen, so it does not count
      total += both / (either + kEpsilon);
      ++seen;
    }
    return total / (static_cast<double>(seen) + kEpsilon);
  }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override {
    const std::optional<Shape> labels = class_places(y_true, sparse_y_true);
    const std::optional<Shape> predictions = class_places(y_pred, sparse_y_pred);
    if (labels && predictions && labels_fit(LabelKind::like_prediction, *labels, *predictions)) return true;
    complain_of_shapes(y_true, y_pred, "a class for each prediction", context);
    return false;
  }

 protected:
  virtual std::vector<int64_t> targets() const = 0;
  virtual Value predicted(Value y_pred) const { return classes_of(y_pred, sparse_y_pred); }

 private:
  Value classes_of(Value x, bool sparse) const {
    if (sparse) return cast(x, DType::i32);
    return argmax(move_last(x, resolve_axis(axis, x.rank())));
  }
  /// The shape without the dimension of the scores, if it has one; nothing where there is no such dimension.
  std::optional<Shape> class_places(const Shape& shape, bool sparse) const {
    if (sparse) return shape;
    const int scores = resolve_axis(axis, shape.rank());
    if (scores < 1) return std::nullopt;  // the first are the samples
    Shape places;
    for (int i = 0; i < shape.rank(); ++i)
      if (i != scores) places.push_back(shape[i]);
    return places;
  }
  static Value weights_of(Value weight, const Shape& labels) {
    Shape shape = weight.shape();
    while (shape.rank() < labels.rank()) shape.push_back(1);
    return reshape(broadcast_to(reshape(cast(weight, DType::f32), shape), labels), {labels.elements()});
  }
};

template <typename T>
Declaration<T>& class_count(Declaration<T>& declaration) {
  return declaration.arg("num_classes", &T::num_classes, "How many classes there are",
                         {.min = 1, .max = 100000, .required = true});
}

template <typename T>
Declaration<T>& coding_args(Declaration<T>& declaration, bool with_labels) {
  declaration.arg("ignore_class", &T::ignore_class, "Labels of this class number do not count", kAdvanced);
  if (with_labels) declaration.arg("sparse_y_true", &T::sparse_y_true, "Labels are class numbers, not one-hot");
  return declaration.arg("sparse_y_pred", &T::sparse_y_pred, "Predictions are class numbers, not scores")
      .arg("axis", &T::axis, "Dimension that holds the classes where they are not numbers", kAdvanced);
}

/// IoU of chosen classes.
class IoU : public IoUBase {
 public:
  std::vector<int64_t> target_class_ids{0, 1};
  IoU() { name = "io_u"; }
  const ClassInfo& info() const override { return class_info(); }
  static void check_targets(const IoU& metric, const ParseContext& context) {
    for (size_t i = 0; i < metric.target_class_ids.size(); ++i)
      if (metric.target_class_ids[i] >= metric.num_classes)
        context.child("target_class_ids")
            .item(i)
            .error("argument.range", {{"range", "below " + std::to_string(metric.num_classes)},
                                      {"value", std::to_string(metric.target_class_ids[i])}});
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<IoU> declaration("IoU", "overlap", "Overlap of predicted and labelled area, for chosen classes");
      class_count(declaration)
          .arg("target_class_ids", &IoU::target_class_ids, "Classes to look at", {.min = 0, .required = true});
      return finish_metric(
          coding_args(declaration, true).rule([](const IoU& m, const ParseContext& c) { check_targets(m, c); }));
    }();
    return kInfo;
  }

 protected:
  std::vector<int64_t> targets() const override { return target_class_ids; }
};

class OneHotIoU final : public IoU {
 public:
  OneHotIoU() {
    name = "one_hot_io_u";
    sparse_y_true = false;
    sparse_y_pred = false;
  }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<OneHotIoU> declaration("OneHotIoU", "overlap",
                                         "Overlap of predicted and labelled area, labels one-hot");
      class_count(declaration)
          .arg("target_class_ids", &OneHotIoU::target_class_ids, "Classes to look at", {.min = 0, .required = true});
      return finish_metric(
          coding_args(declaration, false).rule([](const OneHotIoU& m, const ParseContext& c) { check_targets(m, c); }));
    }();
    return kInfo;
  }
};

class BinaryIoU final : public IoU {
 public:
  double threshold = 0.5;
  BinaryIoU() { name = "binary_io_u"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<BinaryIoU>("BinaryIoU", "overlap",
                               "Overlap of predicted and labelled area, for yes-or-no predictions")
            .arg("target_class_ids", &BinaryIoU::target_class_ids, "0 for no, 1 for yes, or both", {.min = 0, .max = 1})
            .arg("threshold", &BinaryIoU::threshold, "Predictions from it on mean yes"));
    return kInfo;
  }

 protected:
  Value predicted(Value y_pred) const override {
    return cast(greater_equal(cast(y_pred, DType::f32), threshold), DType::i32);
  }
};

/// The mean over all classes.
class MeanIoU : public IoUBase {
 public:
  MeanIoU() { name = "mean_io_u"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<MeanIoU> declaration("MeanIoU", "overlap",
                                       "Overlap of predicted and labelled area, mean over the classes");
      return finish_metric(coding_args(class_count(declaration), true));
    }();
    return kInfo;
  }

 protected:
  std::vector<int64_t> targets() const override {
    std::vector<int64_t> all(static_cast<size_t>(num_classes));
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
    return all;
  }
};

class OneHotMeanIoU final : public MeanIoU {
 public:
  OneHotMeanIoU() {
    name = "one_hot_mean_io_u";
    sparse_y_true = false;
    sparse_y_pred = false;
  }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<OneHotMeanIoU> declaration("OneHotMeanIoU", "overlap",
                                             "Overlap of area, mean over the classes, labels one-hot");
      return finish_metric(coding_args(class_count(declaration), false));
    }();
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> iou_metrics() {
  return {&IoU::class_info(), &MeanIoU::class_info(), &BinaryIoU::class_info(), &OneHotIoU::class_info(),
          &OneHotMeanIoU::class_info()};
}

}  // namespace trainyard

#include "engine/train/metric.h"

#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

/// What "accuracy" and "crossentropy" stand for; keras.trainers.compile_utils.get_metric.
std::string class_for(bool accuracy, const Shape& y_true, const Shape& y_pred) {
  const int64_t labels = y_true.rank() > 0 ? y_true.back() : 1;
  const int64_t scores = y_pred.rank() > 0 ? y_pred.back() : 1;
  if (scores == 1) return accuracy ? "BinaryAccuracy" : "BinaryCrossentropy";
  if (y_true.rank() < y_pred.rank() || labels == 1)
    return accuracy ? "SparseCategoricalAccuracy" : "SparseCategoricalCrossentropy";
  return accuracy ? "CategoricalAccuracy" : "CategoricalCrossentropy";
}

}  // namespace

std::shared_ptr<const Metric> parse_metric(const Json& json, const Shape& y_true, const Shape& y_pred,
                                           const ParseContext& context) {
  const std::string word = json.is_string() ? json.get<std::string>() : "";
  Json resolved = json;
  const bool accuracy = word == "accuracy" || word == "acc";
  if (accuracy || word == "crossentropy" || word == "ce")
    resolved = {{"class_name", class_for(accuracy, y_true, y_pred)}, {"config", {{"name", word}}}};
  std::shared_ptr<const Declared> parsed = Metric::registry().parse(resolved, context);
  auto metric = std::static_pointer_cast<const Metric>(parsed);
  const bool fits =
      metric != nullptr && axes_exist(*metric, y_pred, context) && metric->accepts(y_true, y_pred, context);
  return fits ? metric : nullptr;
}

bool Metric::accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const {
  if (labels_fit(label_kind(), y_true, label_kind() == LabelKind::classes ? classes_last(*this, y_pred) : y_pred))
    return true;
  context.error("loss.shapes", {{"loss", info().class_name},
                                {"expected", std::string(label_text(label_kind()))},
                                {"labels", y_true.text()},
                                {"predictions", y_pred.text()}});
  return false;
}

void complain_of_shapes(const Shape& y_true, const Shape& y_pred, const std::string& expected,
                        const ParseContext& context) {
  context.error("metric.shapes", {{"expected", expected}, {"labels", y_true.text()}, {"predictions", y_pred.text()}});
}

const Registry& Metric::registry() {
  static const Registry kRegistry = [] {
    std::vector<const ClassInfo*> classes;
    for (const auto& family :
         {accuracy_metrics(), crossentropy_metrics(), confusion_metrics(), auc_metrics(), f_score_metrics(),
          iou_metrics(), regression_metrics(), correlation_metrics(), reduction_metrics()})
      classes.insert(classes.end(), family.begin(), family.end());
    return Registry(kGroup, std::move(classes));
  }();
  return kRegistry;
}

}  // namespace trainyard

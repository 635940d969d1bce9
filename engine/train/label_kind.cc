#include "engine/train/label_kind.h"

namespace trainyard {
namespace {

bool fit(int64_t a, int64_t b) { return a == b || a == kUnknown || b == kUnknown; }

/// Equal shapes, unknown sizes fitting any.
bool fit(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int axis = 0; axis < a.rank(); ++axis)
    if (!fit(a[axis], b[axis])) return false;
  return true;
}

Shape with_one(Shape shape) {
  shape.push_back(1);
  return shape;
}

}  // namespace

bool labels_fit(LabelKind kind, const Shape& y_true, const Shape& y_pred) {
  if (y_pred.rank() == 0) return false;
  const Shape without_classes = y_pred.slice(0, y_pred.rank() - 1);
  switch (kind) {
    case LabelKind::like_prediction:
      return fit(y_true, y_pred) || fit(with_one(y_true), y_pred) || fit(y_true, with_one(y_pred));
    case LabelKind::classes: return fit(y_true, without_classes) || fit(y_true, with_one(without_classes));
    case LabelKind::sequence: return y_true.rank() == 2 && y_pred.rank() == 3 && fit(y_true[0], y_pred[0]);
    case LabelKind::groups:
      return y_pred.rank() == 2 && (fit(y_true, Shape{y_pred[0]}) || fit(y_true, Shape{y_pred[0], 1}));
    case LabelKind::any: return true;
  }
  return false;
}

std::string_view label_text(LabelKind kind) {
  switch (kind) {
    case LabelKind::like_prediction: return "the shape of the predictions";
    case LabelKind::classes: return "one class number for each prediction";
    case LabelKind::sequence:
      return "a row of class numbers for each sample, and predictions of shape (batch, steps, classes)";
    case LabelKind::groups: return "one group number for each sample, and predictions of shape (batch, size)";
    case LabelKind::any: return "any shape";
  }
  return "";
}

}  // namespace trainyard

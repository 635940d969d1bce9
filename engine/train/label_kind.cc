#include "engine/train/label_kind.h"

#include <algorithm>
#include <nlohmann/json.hpp>

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

std::vector<int64_t> axes_of(const Declared& object) {
  const Json config = object.config();
  const Json axis = config.contains("axis") ? config["axis"] : Json();
  std::vector<int64_t> axes;
  for (const Json& entry : axis.is_array() ? axis : Json::array({axis}))
    if (entry.is_number_integer()) axes.push_back(entry.get<int64_t>());
  return axes;
}

}  // namespace

bool axes_exist(const Declared& object, const Shape& y_pred, const ParseContext& context) {
  std::vector<int> seen;
  for (const int64_t axis : axes_of(object)) {
    const int resolved = resolve_axis(axis, y_pred.rank());
    if (resolved < 0 || std::find(seen.begin(), seen.end(), resolved) != seen.end()) {
      context.child("axis").error(resolved < 0 ? "loss.axis" : "loss.axis_twice",
                                  {{"axis", std::to_string(axis)}, {"shape", y_pred.text()}});
      return false;
    }
    seen.push_back(resolved);
  }
  return true;
}

Shape classes_last(const Declared& object, const Shape& y_pred) {
  const std::vector<int64_t> axes = axes_of(object);
  const int axis = axes.size() == 1 ? resolve_axis(axes[0], y_pred.rank()) : -1;
  if (axis < 0) return y_pred;
  Shape shape;
  for (int i = 0; i < y_pred.rank(); ++i)
    if (i != axis) shape.push_back(y_pred[i]);
  shape.push_back(y_pred[axis]);
  return shape;
}

bool labels_fit(LabelKind kind, const Shape& y_true, const Shape& y_pred) {
  if (y_pred.rank() == 0) return false;
  const Shape without_classes = y_pred.slice(0, y_pred.rank() - 1);
  switch (kind) {
    case LabelKind::like_prediction:
      return fit(y_true, y_pred) || fit(with_one(y_true), y_pred) || fit(y_true, with_one(y_pred));
    case LabelKind::one_hot: return fit(y_true, y_pred);
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
    case LabelKind::like_prediction:
    case LabelKind::one_hot: return "the shape of the predictions";
    case LabelKind::classes: return "one class number for each prediction";
    case LabelKind::sequence:
      return "a row of class numbers for each sample, and predictions of shape (batch, steps, classes)";
    case LabelKind::groups: return "one group number for each sample, and predictions of shape (batch, size)";
    case LabelKind::any: return "any shape";
  }
  return "";
}

}  // namespace trainyard

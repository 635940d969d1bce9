// What labels a loss or metric is given, and whether shapes fit that.
#pragma once

#include <cstdint>
#include <string_view>

#include <vector>

#include "engine/core/declare.h"
#include "engine/core/shape.h"

namespace trainyard {

enum class LabelKind : uint8_t {
  like_prediction,  // y_pred's shape (squeezed or expanded as Keras does)
  one_hot,          // y_pred's shape
  classes,          // class numbers, [batch, ...] or [batch, ..., 1] where y_pred is [batch, ..., classes]
  sequence,         // CTC: class numbers [batch, length], 0 is the blank and pads
  groups,           // Circle: one number of any group per sample, [batch] or [batch, 1]
  any,              // not looked at
};

/// Complains where `axis`, if a loss or metric has such an argument, is no dimension of the predictions, or names one twice.
bool axes_exist(const Declared& object, const Shape& y_pred, const ParseContext& context);
/// The predictions' shape with the dimension of the classes, which `axis` names, at the end.
Shape classes_last(const Declared& object, const Shape& y_pred);
/// Unknown sizes fit any.
bool labels_fit(LabelKind kind, const Shape& y_true, const Shape& y_pred);
/// "one class number for each prediction", for messages.
std::string_view label_text(LabelKind kind);

}  // namespace trainyard

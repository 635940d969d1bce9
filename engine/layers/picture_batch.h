// What a call of a layer over pictures is given: pictures, or Keras's dictionary of pictures and what belongs to them
// (keras/src/layers/preprocessing/image_preprocessing/base_image_preprocessing_layer.py):
// {"images", "labels", "bounding_boxes": {"boxes", "labels"}, "segmentation_masks"}.
#pragma once

#include <functional>
#include <optional>

#include "engine/layers/data_format.h"
#include "engine/layers/dictionary_input.h"
#include "engine/layers/picture_boxes.h"

namespace trainyard {

/// Those that are known, sorted.
std::vector<std::string> picture_entries();
/// The pictures alone.
std::string plain_picture_entry();

/// Which input of a call is which; -1: none. A call without a dictionary has its pictures alone, as input 0.
struct PictureInputs {
  explicit PictureInputs(const CallArguments& arguments);

  bool dictionary = false;
  /// The dictionary's entries as they were given, and so its outputs; those are among them that no layer knows.
  std::vector<int> in_order;
  int boxes = -1;
  int box_labels = -1;
  int images = -1;
  int labels = -1;
  int masks = -1;
};

/// stay: given on as they are. move: with the pixels. join: those of another picture come too. refused: Keras knows no answer.
enum class BoxEffect : uint8_t { stay, move, join, refused };

/// What a layer does in training to what comes with pictures.
struct PictureEffects {
  BoxEffect boxes = BoxEffect::stay;
  /// Masks change as pictures do; else they are given on.
  bool masks = false;
  /// Labels are blended, so they must be vectors; else they are given on, of whatever shape.
  bool labels = false;
};

/// What must be known to check a dictionary's shapes.
struct PictureRules {
  std::string class_name;
  PictureEffects effects;
  /// Boxes need bounding_box_format, which is not set.
  bool format_missing = false;
  DataFormat data_format = DataFormat::channels_last;
  /// Shape of pictures (or masks that change) -> shape of what comes out, in data_format.
  std::function<Shape(const Shape&)> result;
};

/// Checks shapes of the call's dictionary and declares its outputs, with `box_count` boxes where it is given. The call has
/// pictures. False after complaining.
bool build_pictures(BuildContext& context, const PictureInputs& inputs, const PictureRules& rules,
                    std::optional<int64_t> box_count = {});

/// A batch under way through a layer; what the call was not given, or what stays, has no value.
struct Pictures {
  Value images = {};      // [n, h, w, c]
  Value masks = {};       // [n, h, w, m]
  Value labels = {};      // [n, classes]
  Value boxes = {};       // [n, k, 4] as box_format says
  Value box_labels = {};  // [n, k] or [n, k, c]
  BoxFormat box_format = BoxFormat::xyxy;

  PictureSize size() const { return {images.shape()[1], images.shape()[2]}; }
  /// Moves boxes, which are those of `images` as they are now, into pictures of `result`'s size and cuts off what lies
  /// outside. Boxes of which nothing is left get the label -1 where `mark` says so.
  void move_boxes(const std::function<Corners(const Corners&)>& move, const PictureSize& result, bool mark = true);
};

/// Pictures [n, h, w, c] and what changes with them, from a call's inputs.
Pictures take_pictures(const CallContext& context, const PictureInputs& inputs, const PictureEffects& effects,
                       DataFormat data_format, const std::optional<BoxFormat>& box_format);
/// Puts out what has changed, and the rest of the inputs as it came.
void put_pictures(CallContext& context, const PictureInputs& inputs, const Pictures& pictures, DataFormat data_format);
/// Puts out the inputs as they came, but for the pictures (in their data format) where `images` has a value.
void hand_on_pictures(CallContext& context, Value images = {});

}  // namespace trainyard

// keras.layers: Resizing, CenterCrop, RandomCrop.
#include <algorithm>
#include <cmath>

#include "engine/layers/image_functions.h"
#include "engine/layers/image_resizing.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// Gives pictures of height x width.
template <typename T>
struct SizedImages : ImageLayer<T> {
  int64_t height = 1;
  int64_t width = 1;

  void call(CallContext& context) const override {
    this->change_pictures(context, [&](Pictures& pictures) { change(pictures, context); });
  }
  /// Pictures and masks: [n, h, w, c] -> [n, height, width, c]
  virtual void change(Pictures& pictures, CallContext& context) const = 0;

 protected:
  PictureEffects effects() const override { return {BoxEffect::move, true, false}; }
  Shape result_shape(const Shape& given) const override {
    Shape shape = to_channels_last(given, this->data_format);
    shape[1] = height;
    shape[2] = width;
    return from_channels_last(shape, this->data_format);
  }
  PictureSize target() const { return {height, width}; }
  double tall() const { return static_cast<double>(height); }
  double wide() const { return static_cast<double>(width); }
  /// Boxes of a part of the pictures that is enlarged to what is wanted.
  void enlarge_boxes(Pictures& pictures, const Crop& part, bool mark = true) const {
    const double x = wide() / static_cast<double>(part.width);
    const double y = tall() / static_cast<double>(part.height);
    const auto left = static_cast<double>(part.column);
    const auto top = static_cast<double>(part.row);
    pictures.move_boxes(
        [=](const Corners& at) {
          return Corners{(at.left - left) * x, (at.top - top) * y, (at.right - left) * x, (at.bottom - top) * y};
        },
        target(), mark);
  }
  static Declaration<T> sized_declaration(const char* class_name, const char* doc) {
    auto declaration = layer_declaration<T>(class_name, "preprocessing", doc);
    declaration.arg("height", &T::height, "Rows of the result.", kRequiredPositive)
        .arg("width", &T::width, "Columns of the result.", kRequiredPositive)
        .summary({"height", "width"});
    return declaration;
  }
};

enum class PadFill : uint8_t { constant };
constexpr std::array<std::string_view, 1> choice_names(PadFill) { return {"constant"}; }

struct Resizing final : SizedImages<Resizing> {
  ResizeKernel interpolation = ResizeKernel::bilinear;
  bool crop_to_aspect_ratio = false;
  bool pad_to_aspect_ratio = false;
  PadFill fill_mode = PadFill::constant;
  double fill_value = 0;
  bool antialias = false;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        sized_declaration("Resizing", "Makes pictures larger or smaller.")
            .arg("interpolation", &Resizing::interpolation, "How pixels in between are worked out.")
            .arg("crop_to_aspect_ratio", &Resizing::crop_to_aspect_ratio,
                 "Cut off what does not fit the new sides' ratio, instead of distorting.")
            .arg("pad_to_aspect_ratio", &Resizing::pad_to_aspect_ratio,
                 "Fill up what the new sides' ratio asks for, instead of distorting.")
            .arg("fill_mode", &Resizing::fill_mode, "What is filled up with: always fill_value.", kAdvanced)
            .arg("fill_value", &Resizing::fill_value, "What pad_to_aspect_ratio fills up with.",
                 {.visible_arg = "pad_to_aspect_ratio", .visible_value = "true"})
            .arg("antialias", &Resizing::antialias, "Smooth first what grows smaller (bilinear, bicubic, lanczos).",
                 kAdvanced)
            .arg("data_format", &Resizing::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &Resizing::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .rule([](const Resizing& layer, const ParseContext& context) {
              if (layer.crop_to_aspect_ratio && layer.pad_to_aspect_ratio)
                context.child("pad_to_aspect_ratio").error("image.crop_and_pad");
            })
            .build();
    return kInfo;
  }
  void change(Pictures& pictures, CallContext&) const override {
    resize_boxes(pictures);
    pictures.images = sized(pictures.images);
    if (pictures.masks) pictures.masks = sized(pictures.masks);
  }

 private:
  Value sized(Value x) const {
    const int64_t h = x.shape()[1];
    const int64_t w = x.shape()[2];
    if (crop_to_aspect_ratio) x = cropped(x, aspect_crop(h, w, height, width));
    if (pad_to_aspect_ratio) {
      const int64_t rows = (std::max(h, w * height / width) - h) / 2;
      const int64_t columns = (std::max(w, h * width / height) - w) / 2;
      x = pad(x, {0, rows, columns, 0}, {0, rows, columns, 0}, fill_value);
    }
    return resized(x, height, width, interpolation, antialias);
  }

  /// Rows that only fill up (all -1 or all 0) become zeros.
  void resize_boxes(Pictures& pictures) const {
    if (!pictures.boxes) return;
    const Value given = pictures.boxes;
    const auto filled_with = [&](double value) {
      return equal(sum(cast(equal(given, value), given.dtype()), {2}, true), 4.0);
    };
    const Value empty = binary(op::BinaryKind::logical_or, filled_with(-1), filled_with(0));
    const Stretch stretch = stretch_of(pictures.size());
    pictures.move_boxes(
        [&](const Corners& at) {
          return Corners{at.left * stretch.x - stretch.left, at.top * stretch.y - stretch.top,
                         at.right * stretch.x - stretch.left, at.bottom * stretch.y - stretch.top};
        },
        target());
    pictures.boxes = select(empty, 0.0, pictures.boxes);
  }

  /// New pixels for each old one, and how many are cut off at the left and the top (negative: added).
  struct Stretch {
    double x = 1, y = 1, left = 0, top = 0;
  };
  /// In whole new pixels, as Keras has it; the picture's own are in whole old ones.
  Stretch stretch_of(const PictureSize& from) const {
    const double x = wide() / static_cast<double>(from.width);
    const double y = tall() / static_cast<double>(from.height);
    if (!crop_to_aspect_ratio && !pad_to_aspect_ratio) return {x, y, 0, 0};
    const double both = crop_to_aspect_ratio ? std::max(x, y) : std::min(x, y);
    const auto beside = [both](int64_t old, double now) { return static_cast<double>(old) * both - now; };
    const double columns = beside(from.width, wide());
    const double rows = beside(from.height, tall());
    if (crop_to_aspect_ratio) return {both, both, std::floor(columns / 2), std::floor(rows / 2)};
    return {both, both, -std::floor(-columns / 2), -std::floor(-rows / 2)};
  }
};

struct CenterCrop final : SizedImages<CenterCrop> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        sized_declaration("CenterCrop", "Keeps the middle of pictures.")
            .arg("data_format", &CenterCrop::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &CenterCrop::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .build();
    return kInfo;
  }
  /// Pictures that are too small are enlarged, after the middle of the right sides' ratio was cut out.
  void change(Pictures& pictures, CallContext&) const override {
    const Crop part = part_of(pictures.size());
    const auto sized = [&](Value x) { return resized(cropped(x, part), height, width, ResizeKernel::bilinear); };
    enlarge_boxes(pictures, part);
    pictures.images = sized(pictures.images);
    if (pictures.masks) pictures.masks = sized(pictures.masks);
  }

 private:
  Crop part_of(const PictureSize& size) const {
    if (size.height < height || size.width < width) return aspect_crop(size.height, size.width, height, width);
    return {(size.height - height) / 2, (size.width - width) / 2, height, width};
  }
};

/// One place for the whole batch. In inference the largest middle of the right sides' ratio is made as large as is wanted, as
/// Keras documents (its code leaves the picture as it is, of another size than it says). In training the place for small
/// pictures is where that middle begins, and what is then too small is enlarged, as in Keras. Boxes and masks go where the
/// pixels go (Keras takes rel boxes for shares of what is cut out, and does not enlarge boxes); boxes that are cut off keep
/// their labels, as in Keras.
struct RandomCrop final : SizedImages<RandomCrop> {
  std::optional<int64_t> seed;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        sized_declaration("RandomCrop", "Cuts out a part at a random place while training.")
            .arg("seed", &RandomCrop::seed, kSeedDoc, kSeedRange)
            .arg("data_format", &RandomCrop::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &RandomCrop::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .build();
    return kInfo;
  }
  void change(Pictures& pictures, CallContext& context) const override {
    const PictureSize size = pictures.size();
    if (context.training() && size.height > height && size.width > width) return cut_at_random(pictures, context);
    Crop part = aspect_crop(size.height, size.width, height, width);
    if (context.training())
      part = {part.row, part.column, std::min(height, size.height - part.row),
              std::min(width, size.width - part.column)};
    enlarge_boxes(pictures, part, false);
    pictures.images = resized(cropped(pictures.images, part), height, width, ResizeKernel::bilinear);
    if (pictures.masks) pictures.masks = resized(cropped(pictures.masks, part), height, width, ResizeKernel::nearest);
  }

 private:
  void cut_at_random(Pictures& pictures, CallContext& context) const {
    const Value x = pictures.images;
    Draws draws(context, seed);
    const Value row = draws.whole(0, x.shape()[1] - height + 1, true);
    const Value column = draws.whole(0, x.shape()[2] - width + 1, true);
    const Value one = fill(x.graph(), x.dtype(), {1, 1, 1, 1}, 1);
    const Value zero = one * 0.0;
    const AffineMap map{one, zero, column, zero, one, row};
    const Value at = affine_coordinates(map, height, width);
    const op::SampleRule rule{.fill = op::SampleFill::nearest, .bilinear = false};
    pictures.move_boxes([&](const Corners& corners) { return moved(corners, map); }, target(), false);
    pictures.images = image_sample(x, at, rule);
    if (pictures.masks) pictures.masks = image_sample(pictures.masks, at, rule);
  }
};

}  // namespace

LayerClasses image_size_layers() {
  return {&Resizing::declaration(), &CenterCrop::declaration(), &RandomCrop::declaration()};
}

}  // namespace trainyard

// keras.layers: Resizing, CenterCrop, RandomCrop.
#include <algorithm>

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

  void build(BuildContext& context) const override {
    if (!context.expect_rank(4)) return;
    Shape shape = to_channels_last(context.shape(), this->data_format);
    shape[1] = height;
    shape[2] = width;
    context.add_output(from_channels_last(shape, this->data_format));
  }
  void call(CallContext& context) const override {
    const Value x = to_channels_last(context.input(), this->data_format);
    context.add_output(from_channels_last(sized(x, context), this->data_format));
  }
  /// x: [n, h, w, c] -> [n, height, width, c]
  virtual Value sized(Value x, CallContext& context) const = 0;

 protected:
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
                 {.visible_arg = "pad_to_aspect_ratio", .visible_values = {"true"}})
            .arg("antialias", &Resizing::antialias, "Smooth first what grows smaller (bilinear, bicubic, lanczos).",
                 kAdvanced)
            .arg("data_format", &Resizing::data_format, kDataFormatDoc, kDataFormatOptions)
            .rule([](const Resizing& layer, const ParseContext& context) {
              if (layer.crop_to_aspect_ratio && layer.pad_to_aspect_ratio)
                context.child("pad_to_aspect_ratio").error("image.crop_and_pad");
            })
            .build();
    return kInfo;
  }
  Value sized(Value x, CallContext&) const override {
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
};

struct CenterCrop final : SizedImages<CenterCrop> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = sized_declaration("CenterCrop", "Keeps the middle of pictures.")
                                       .arg("data_format", &CenterCrop::data_format, kDataFormatDoc, kDataFormatOptions)
                                       .build();
    return kInfo;
  }
  /// Pictures that are too small are enlarged, after the middle of the right sides' ratio was cut out.
  Value sized(Value x, CallContext&) const override {
    const int64_t h = x.shape()[1];
    const int64_t w = x.shape()[2];
    if (h >= height && w >= width) return cropped(x, {(h - height) / 2, (w - width) / 2, height, width});
    return resized(cropped(x, aspect_crop(h, w, height, width)), height, width, ResizeKernel::bilinear);
  }
};

/// One place for the whole batch. In inference the largest middle of the right sides' ratio is made as large as is wanted, as
/// Keras documents (its code leaves the picture as it is, of another size than it says). In training the place for small
/// pictures is where that middle begins, and what is then too small is enlarged, as in Keras.
struct RandomCrop final : SizedImages<RandomCrop> {
  std::optional<int64_t> seed;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = sized_declaration("RandomCrop", "Cuts out a part at a random place while training.")
                                       .arg("seed", &RandomCrop::seed, kSeedDoc, kSeedRange)
                                       .arg("data_format", &RandomCrop::data_format, kDataFormatDoc, kDataFormatOptions)
                                       .build();
    return kInfo;
  }
  Value sized(Value x, CallContext& context) const override {
    const int64_t h = x.shape()[1];
    const int64_t w = x.shape()[2];
    if (context.training() && h > height && w > width) return at_random(x, context);
    const Crop part = aspect_crop(h, w, height, width);
    if (!context.training()) return resized(cropped(x, part), height, width, ResizeKernel::bilinear);
    return resized(
        cropped(x, {part.row, part.column, std::min(height, h - part.row), std::min(width, w - part.column)}), height,
        width, ResizeKernel::bilinear);
  }

 private:
  Value at_random(Value x, CallContext& context) const {
    Draws draws(context, seed);
    const Value row = draws.whole(0, x.shape()[1] - height + 1, true);
    const Value column = draws.whole(0, x.shape()[2] - width + 1, true);
    const Value one = fill(x.graph(), x.dtype(), {1, 1, 1, 1}, 1);
    const Value zero = one * 0.0;
    return image_sample(x, affine_coordinates({one, zero, column, zero, one, row}, height, width),
                        {.fill = op::SampleFill::nearest, .bilinear = false});
  }
};

}  // namespace

LayerClasses image_size_layers() {
  return {&Resizing::declaration(), &CenterCrop::declaration(), &RandomCrop::declaration()};
}

}  // namespace trainyard

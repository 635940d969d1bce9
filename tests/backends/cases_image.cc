#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

struct ImageShape {
  std::string name;
  Shape x;
  Shape at;
};

/// Coordinates are drawn from [-2, 2], so the smaller images are left on all sides.
std::vector<ImageShape> image_shapes() {
  return {{"small", {2, 2, 3, 2}, {2, 4, 5, 2}},
          {"shared", {3, 3, 2, 1}, {1, 3, 7, 2}},
          {"pixel", {1, 1, 1, 3}, {1, 3, 3, 2}},
          {"picture", {2, 40, 33, 3}, {2, 40, 33, 2}},
          {"channels", {2, 3, 4, 37}, {2, 5, 6, 2}}};
}

void add_samples(std::vector<OpCase>& cases, const op::SampleRule& rule, const ImageShape& shape) {
  const std::string name =
      std::string(op::name_of(rule.fill)) + (rule.bilinear ? "_bilinear_" : "_nearest_") + shape.name;
  const Shape y{shape.x[0], shape.at[1], shape.at[2], shape.x[3]};
  cases.push_back({.name = "ImageSample_" + name,
                   .op = op::ImageSample{rule},
                   .inputs = {f32(shape.x), f32(shape.at)},
                   .values = {Values::spread, Values::spread},
                   .without_gradient = {1}});
  cases.push_back({.name = "ImageSampleGrad_" + name,
                   .op = op::ImageSampleGrad{rule, shape.x},
                   .inputs = {f32(shape.at), f32(y)},
                   .values = {Values::spread, Values::spread},
                   .without_gradient = {0}});
}

}  // namespace

void add_image_cases(std::vector<OpCase>& cases) {
  for (int k = 0; !op::name_of(static_cast<op::SampleFill>(k)).empty(); ++k)
    for (const bool bilinear : {true, false})
      for (const ImageShape& shape : image_shapes())
        add_samples(cases, {static_cast<op::SampleFill>(k), bilinear, 0.75}, shape);
  // coordinates far out, which no pixel number holds
  for (const op::SampleFill fill : {op::SampleFill::constant, op::SampleFill::wrap, op::SampleFill::reflect})
    cases.push_back({.name = "ImageSample_far_" + std::string(op::name_of(fill)),
                     .op = op::ImageSample{{.fill = fill, .bilinear = false}},
                     .inputs = {f32({1, 5, 5, 2}), f32({1, 4, 6, 2})},
                     .values = {Values::spread, Values::extreme},
                     .differentiable = false,
                     .without_gradient = {1}});
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{33, 5}})
    cases.push_back({.name = "RandomLogGamma_" + shape_text(shape),
                     .op = op::RandomLogGamma{.stream = 3, .seed = 8},
                     .inputs = {f32(shape)},
                     .values = {Values::positive},
                     .differentiable = false});
}

}  // namespace trainyard::testing

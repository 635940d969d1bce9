#include "engine/ops/image.h"

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {
namespace {

/// The shape of the samples of images of shape `x`.
Shape sampled_shape(const ValueType& x, const ValueType& at) {
  check(is_floating(x.dtype) && at.dtype == x.dtype, "images and coordinates are floats of one dtype");
  check(x.shape.rank() == 4 && at.shape.rank() == 4 && at.shape[3] == 2, "images [n, h, w, c] and a pair a sample");
  check(at.shape[0] == x.shape[0] || at.shape[0] == 1, "coordinates for each image, or for all");
  check(x.shape[1] >= 1 && x.shape[2] >= 1, "an image has a pixel");
  return {x.shape[0], at.shape[1], at.shape[2], x.shape[3]};
}

/// A multiplication and an addition for each of the pixels that meet in a sample.
int64_t sample_flops(const SampleRule& rule, const Shape& samples) {
  return samples.elements() * (rule.bilinear ? 8 : 1);
}

}  // namespace

std::string_view name_of(SampleFill fill) {
  switch (fill) {
    case SampleFill::constant: return "constant";
    case SampleFill::nearest: return "nearest";
    case SampleFill::reflect: return "reflect";
    case SampleFill::wrap: return "wrap";
    case SampleFill::mirror: return "mirror";
  }
  return "";
}

Types ImageSample::infer(InputTypes in) const {
  check_inputs(in, 2);
  return {{in[0].dtype, sampled_shape(in[0], in[1])}};
}

void ImageSample::gradient(GradientContext& context) const {
  check(!context.wants(1), "ImageSample has no gradient by its coordinates");
  if (!context.wants(0)) return;
  const ImageSampleGrad grad{rule, context.input(0).shape()};
  context.set(0, context.graph().add_one(grad, {context.input(1), context.dy()}));
}

Cost ImageSample::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, sample_flops(rule, out[0].shape));
}

Types ImageSampleGrad::infer(InputTypes in) const {
  check_inputs(in, 2);
  const ValueType x{in[1].dtype, input_shape};
  check(in[1].shape == sampled_shape(x, in[0]), "dy has the samples' shape");
  return {x};
}

/// Linear in dy, and the sampling without what fills is its adjoint.
void ImageSampleGrad::gradient(GradientContext& context) const {
  check(!context.wants(0), "ImageSampleGrad has no gradient by its coordinates");
  if (!context.wants(1)) return;
  SampleRule unfilled = rule;
  unfilled.value = 0;
  context.set(1, image_sample(context.dy(), context.input(0), unfilled));
}

Cost ImageSampleGrad::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, sample_flops(rule, in[1].shape));
}

}  // namespace trainyard::op

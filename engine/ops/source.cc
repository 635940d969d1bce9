#include "engine/ops/source.h"

#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {

Types Fill::infer(InputTypes in) const {
  check_inputs(in, 0);
  return {{dtype, shape}};
}

/// No inputs, nothing to pass on.
void Fill::gradient(GradientContext&) const {}

Cost Fill::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

std::string_view name_of(RandomKind kind) {
  switch (kind) {
    case RandomKind::uniform: return "uniform";
    case RandomKind::normal: return "normal";
    case RandomKind::truncated_normal: return "truncated_normal";
    case RandomKind::bernoulli: return "bernoulli";
  }
  return "";
}

Types Random::infer(InputTypes in) const {
  check_inputs(in, 0);
  check(dtype == DType::f32 || dtype == DType::f64, "random numbers are f32 or f64");
  return {{dtype, shape}};
}

/// No inputs, nothing to pass on.
void Random::gradient(GradientContext&) const {}

Cost Random::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, 10 * shape.elements()); }

Types RandomLogGamma::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(in[0].dtype == DType::f32 || in[0].dtype == DType::f64, "random numbers are f32 or f64");
  return {in[0]};
}

/// What is drawn is not differentiated.
void RandomLogGamma::gradient(GradientContext&) const {}

Cost RandomLogGamma::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, 40 * out[0].shape.elements());
}

}  // namespace trainyard::op

// Ops without inputs: constants made on the spot and random numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/ops/op_types.h"

namespace trainyard::op {

/// Every element is `value`.
struct Fill {
  static constexpr std::string_view kName = "Fill";
  DType dtype = DType::f32;
  Shape shape = {};
  double value = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

enum class RandomKind : uint8_t {
  uniform,           // [a, b)
  normal,            // mean a, standard deviation b
  truncated_normal,  // as normal, redrawn beyond two standard deviations
  bernoulli,         // 1 with probability a, else 0
};

std::string_view name_of(RandomKind kind);

/// Element i is drawn from Philox{seed, stream, step of the run}. The seed is the run's, combined with `seed`.
/// f32 or f64 output; both widths see the same words.
struct Random {
  static constexpr std::string_view kName = "Random";
  RandomKind kind;
  DType dtype = DType::f32;
  Shape shape = {};
  uint32_t stream = 0;
  /// The layer's own seed argument; 0 when it has none.
  uint64_t seed = 0;
  double a = 0, b = 1;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// Logarithms of gamma variates of scale 1 and the shapes given: y[i] = log(Gamma(shape[i])). The logarithm, because a
/// variate of a small shape is below every float; sigmoid(a - b) is a beta variate, softmax a Dirichlet one.
/// shape: f32 or f64, any shape, above 0  y: the same. Seeded as Random is. Of shape: no gradient (zero).
struct RandomLogGamma {
  static constexpr std::string_view kName = "RandomLogGamma";
  uint32_t stream = 0;
  uint64_t seed = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op

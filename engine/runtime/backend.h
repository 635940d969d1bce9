// A backend: a kernel table and what it claims beyond it.
#pragma once

#include <memory>
#include <string_view>

#include "engine/runtime/kernel.h"

namespace trainyard {

/// Rewrites that the fusion pass may do for this backend.
struct FusionClaims {
  bool elementwise = false;  // op::Fused
  bool epilogues = false;    // bias and activation in MatMul and Conv
};

/// Immutable after construction; shared by sessions.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;
  /// The instruction set or device it runs on, as checkpoints record it ("avx512", "wasm-relaxed").
  virtual std::string_view instruction_set() const = 0;
  virtual const KernelTable& kernels() const = 0;
  virtual FusionClaims claims() const { return {}; }
};

/// Plain loops in float32 and float64; the oracle (backends/ref).
std::unique_ptr<Backend> make_ref_backend();
/// SIMD for the machine it runs on (backends/cpu).
std::unique_ptr<Backend> make_cpu_backend();

}  // namespace trainyard

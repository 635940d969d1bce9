#include "engine/backends/cpu/cpu_backend.h"
#include "engine/backends/cpu/kernels.h"

namespace trainyard {
namespace {

class CpuBackend : public Backend {
 public:
  explicit CpuBackend(int isa) : isa_(isa) {
    cpu::add_elementwise(kernels_, isa);
    cpu::add_fused(kernels_, isa);
    cpu::add_move(kernels_);
    cpu::add_rows(kernels_, isa);
    cpu::add_source(kernels_);
    cpu::add_image(kernels_);
    cpu::add_matmul(kernels_, isa);
    cpu::add_convolution(kernels_, isa);
    cpu::add_input_gradient(kernels_, isa);
    cpu::add_filter_gradient(kernels_, isa);
    cpu::add_depthwise(kernels_, isa);
    cpu::add_pooling(kernels_, isa);
  }
  std::string_view name() const override { return "cpu"; }
  std::string_view instruction_set() const override { return cpu::simd_tables[isa_].name; }
  const KernelTable& kernels() const override { return kernels_; }
  FusionClaims claims() const override { return {.elementwise = true, .epilogues = true}; }

 private:
  int isa_;
  KernelTable kernels_;
};

}  // namespace

namespace cpu {

bool all_f32(const Op&, InputTypes in, OutputTypes out) {
  const auto is_f32 = [](const ValueType& type) { return type.dtype == DType::f32; };
  return std::all_of(in.begin(), in.end(), is_f32) && std::all_of(out.begin(), out.end(), is_f32);
}

RowActivation row_activation(op::Epilogue::Activation activation) {
  switch (activation) {
    case op::Epilogue::Activation::none: return RowActivation::none;
    case op::Epilogue::Activation::relu: return RowActivation::relu;
    case op::Epilogue::Activation::sigmoid: return RowActivation::sigmoid;
    case op::Epilogue::Activation::tanh: return RowActivation::tanh;
  }
  return RowActivation::none;
}

}  // namespace cpu

std::vector<std::string_view> cpu_instruction_sets() {
  cpu::fill_simd_tables();
  std::vector<std::string_view> names;
  for (int isa = 0; isa < cpu::kInstructionSets; ++isa)
    if (cpu::runs_here(isa)) names.emplace_back(cpu::simd_tables[isa].name);
  return names;
}

std::unique_ptr<Backend> make_cpu_backend(std::string_view instruction_set) {
  cpu::fill_simd_tables();
  for (int isa = 0; isa < cpu::kInstructionSets; ++isa)
    if (instruction_set == cpu::simd_tables[isa].name && cpu::runs_here(isa)) return std::make_unique<CpuBackend>(isa);
  return nullptr;
}

std::unique_ptr<Backend> make_cpu_backend() { return make_cpu_backend(cpu_instruction_sets().back()); }

}  // namespace trainyard

#include "engine/runtime/backend.h"

#include "engine/backends/ref/kernels.h"

namespace trainyard {
namespace ref {
namespace {

bool is_narrow(const ValueType& type) { return type.dtype == DType::f16 || type.dtype == DType::bf16; }

class RefBackend final : public Backend {
 public:
  RefBackend() {
    add_elementwise(table_);
    add_layout(table_);
    add_linear(table_);
    add_lookup(table_);
    add_convolution(table_);
    add_window(table_);
    add_reduction(table_);
    add_source(table_);
    add_image(table_);
  }
  std::string_view name() const override { return "ref"; }
  std::string_view instruction_set() const override { return "scalar"; }
  const KernelTable& kernels() const override { return table_; }

 private:
  KernelTable table_;
};

}  // namespace

bool full_width(const Op&, InputTypes in, OutputTypes out) {
  for (const ValueType& type : in)
    if (is_narrow(type)) return false;
  for (const ValueType& type : out)
    if (is_narrow(type)) return false;
  return true;
}

size_t double_per_output(const Op&, InputTypes, OutputTypes out, int) {
  return static_cast<size_t>(out[0].shape.elements()) * sizeof(double);
}

}  // namespace ref

std::unique_ptr<Backend> make_ref_backend() { return std::make_unique<ref::RefBackend>(); }

}  // namespace trainyard

#include "tests/backends/run_case.h"

#include <algorithm>
#include <cstring>

namespace trainyard::testing {
namespace {

constexpr unsigned char kGuard = 0x3c;
constexpr size_t kGuardBytes = 2 * kTensorAlignment;

/// Memory of one operand with guards before and after.
class GuardedMemory {
 public:
  GuardedMemory(size_t bytes, size_t offset, unsigned char dirt)
      : memory_(allocate_aligned(bytes + offset + 2 * kGuardBytes)), offset_(offset), bytes_(bytes) {
    std::memset(memory_.get(), kGuard, bytes + offset + 2 * kGuardBytes);
    std::memset(data(), dirt, bytes);
  }
  unsigned char* data() const { return static_cast<unsigned char*>(memory_.get()) + kGuardBytes + offset_; }
  void load(const Tensor& tensor) const {
    if (bytes_ != 0) std::memcpy(data(), tensor.data(), bytes_);
  }
  bool holds(const Tensor& tensor) const { return bytes_ == 0 || std::memcmp(data(), tensor.data(), bytes_) == 0; }
  bool intact() const {
    const auto* begin = static_cast<const unsigned char*>(memory_.get());
    const auto is_guard = [](unsigned char byte) { return byte == kGuard; };
    return std::all_of(begin, static_cast<const unsigned char*>(data()), is_guard) &&
           std::all_of(data() + bytes_, data() + bytes_ + kGuardBytes, is_guard);
  }

 private:
  std::shared_ptr<void> memory_;
  size_t offset_;
  size_t bytes_;
};

/// The operands of a call and the memory they lie in.
struct Operands {
  std::vector<GuardedMemory> memory;
  std::vector<TensorView> views;

  void add(const ValueType& type, const RunOptions& options) {
    const size_t offset = options.misaligned ? size_of(type.dtype) : 0;
    memory.emplace_back(type.bytes(), offset, options.dirt);
    views.push_back({type.dtype, type.shape, memory.back().data()});
  }
};

Tensor copy_of(const TensorView& view) {
  Tensor tensor(view.dtype, view.shape);
  if (view.bytes() != 0) std::memcpy(tensor.data(), view.data, view.bytes());
  return tensor;
}

void check_untouched(const Operands& inputs, const std::vector<Tensor>& originals, int overwritten) {
  for (size_t i = 0; i < originals.size(); ++i) {
    check(inputs.memory[i].intact(), "a kernel writes nothing around its inputs");
    if (static_cast<int>(i) != overwritten) check(inputs.memory[i].holds(originals[i]), "a kernel leaves its inputs");
  }
}

}  // namespace

Types types_of(const std::vector<Tensor>& tensors) {
  Types types;
  for (const Tensor& tensor : tensors) types.push_back({tensor.dtype(), tensor.shape()});
  return types;
}

std::optional<std::vector<Tensor>> run_op(const Backend& backend, const Op& op, const std::vector<Tensor>& inputs,
                                          const RunOptions& options) {
  const Types in = types_of(inputs);
  const Types out = infer_types(op, in);
  const KernelEntry* kernel = backend.kernels().find(op, in, out);
  if (kernel == nullptr) return std::nullopt;

  Operands from;
  for (size_t i = 0; i < in.size(); ++i) {
    from.add(in[i], options);
    from.memory.back().load(inputs[i]);
  }
  Operands to;
  for (const ValueType& type : out) to.add(type, options);
  if (options.in_place >= 0) to.views[0].data = from.views[static_cast<size_t>(options.in_place)].data;

  const size_t workspace_bytes = kernel->workspace == nullptr ? 0 : kernel->workspace(op, in, out, options.threads);
  const GuardedMemory workspace(workspace_bytes, 0, options.dirt);
  ThreadPool pool(options.threads);
  const StepInfo step = options.step;
  kernel->run(op, {.inputs = from.views,
                   .outputs = to.views,
                   .workspace = workspace_bytes == 0 ? nullptr : workspace.data(),
                   .pool = &pool,
                   .step = &step});

  check_untouched(from, inputs, options.in_place);
  check(workspace.intact(), "a kernel keeps to the workspace it asked for");
  std::vector<Tensor> results;
  for (size_t i = 0; i < out.size(); ++i) {
    check(to.memory[i].intact(), "a kernel writes nothing around its outputs");
    results.push_back(copy_of(to.views[i]));
  }
  return results;
}

const Backend& ref_backend() {
  static const std::unique_ptr<Backend> backend = make_ref_backend();
  return *backend;
}

std::vector<Tensor> run_on_ref(const Op& op, const std::vector<Tensor>& inputs, const RunOptions& options) {
  auto outputs = run_op(ref_backend(), op, inputs, options);
  check(outputs.has_value(), ("ref has a kernel for " + display_name(op)).c_str());
  return std::move(*outputs);
}

}  // namespace trainyard::testing

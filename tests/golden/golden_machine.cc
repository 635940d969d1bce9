#include "engine/api/session_factory.h"
#include "tests/golden/golden_case.h"

namespace trainyard::golden {
namespace {

Tensor copy_of(const TensorView& view) {
  Tensor tensor(view.dtype, view.shape);
  std::memcpy(tensor.data(), view.data, view.bytes());
  return tensor;
}

/// Plans and executes as the engine does in earnest, with fusion.
class SessionMachine : public Machine {
 public:
  explicit SessionMachine(std::string backend) : backend_(std::move(backend)), device_(make_device({.backend = backend_, .threads = 2})) {}
  std::string_view backend() const override { return backend_; }

  std::vector<Tensor> run(Graph& graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted) override {
    for (const Value& value : wanted) graph.mark_output(value);
    Session session(device_);
    const std::unique_ptr<Executor> executor = session.compile(std::move(graph));
    for (size_t i = 0; i < inputs.size(); ++i) executor->bind(static_cast<int>(i), inputs[i].data());
    executor->run({});
    std::vector<Tensor> results;
    for (const Value& value : wanted) results.push_back(copy_of(executor->output(value.id())));
    return results;
  }

 private:
  std::string backend_;
  std::shared_ptr<Device> device_;
};

}  // namespace

std::unique_ptr<Machine> make_machine(std::string_view backend) {
  for (const std::string& known : backend_names())
    if (known == backend) return std::make_unique<SessionMachine>(known);
  return nullptr;
}

}  // namespace trainyard::golden

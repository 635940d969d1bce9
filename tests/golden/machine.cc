// Golden graphs on a backend by the engine's own planner and executor.
#include <cstring>

#include "engine/runtime/session.h"
#include "tests/golden/golden_case.h"

namespace trainyard::golden {
namespace {

class SessionMachine final : public Machine {
 public:
  SessionMachine(std::string name, std::vector<std::unique_ptr<Backend>> backends, int threads)
      : name_(std::move(name)), device_(std::make_shared<Device>(std::move(backends), threads)) {}

  std::string_view backend() const override { return name_; }

  std::vector<Tensor> run(Graph& graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted) override {
    Graph copy = graph;
    for (const Value& value : wanted) copy.mark_output(Value(&copy, value.id()));
    Session session(device_);
    const std::unique_ptr<Executor> executor = session.compile(std::move(copy));
    for (size_t i = 0; i < inputs.size(); ++i) executor->bind(static_cast<int>(i), inputs[i].data());
    executor->run({.seed = 1, .step = 0});
    std::vector<Tensor> results;
    for (const Value& value : wanted) results.push_back(copied(executor->output(value.id())));
    return results;
  }

 private:
  static Tensor copied(const TensorView& view) {
    Tensor tensor(view.dtype, view.shape);
    std::memcpy(tensor.data(), view.data, view.bytes());
    return tensor;
  }

  std::string name_;
  std::shared_ptr<Device> device_;
};

}  // namespace

std::unique_ptr<Machine> make_machine(std::string_view backend, int threads) {
  std::vector<std::unique_ptr<Backend>> backends;
  if (backend == "cpu")
    backends.push_back(make_cpu_backend());
  else if (backend != "ref")
    return nullptr;
  backends.push_back(make_ref_backend());
  return std::make_unique<SessionMachine>(std::string(backend), std::move(backends), threads);
}

}  // namespace trainyard::golden

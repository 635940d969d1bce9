#include "engine/runtime/session.h"

#include <new>

#include "engine/core/diagnostic.h"

namespace trainyard {

Device::Device(std::vector<std::unique_ptr<Backend>> backends_in_order, int threads)
    : backends(std::move(backends_in_order)), pool(threads) {
  check(!backends.empty(), "a device has a backend");
}

Plan Session::plan(Graph graph, size_t kept_limit) const {
  PlanOptions options;
  options.kept_limit = kept_limit;
  for (const auto& backend : device_->backends) options.backends.push_back(backend.get());
  options.threads = device_->pool.threads();
  return make_plan(std::move(graph), variables_, options);
}

std::unique_ptr<Executor> Session::compile(Graph graph, size_t kept_limit) {
  Plan ready = plan(std::move(graph), kept_limit);
  const size_t bytes = ready.arena_bytes;
  try {
    return std::make_unique<Executor>(std::move(ready), Memories{variables_, arena_, kept_}, device_->pool);
  } catch (const std::bad_alloc&) {
    throw UserError("memory.exhausted", "training", {{"bytes", std::to_string(bytes / 1000000) + " MB"}});
  }
}

}  // namespace trainyard

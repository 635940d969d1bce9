#include "engine/runtime/session.h"

#include <new>

#include "engine/core/diagnostic.h"

namespace trainyard {

Session::Session(std::vector<std::unique_ptr<Backend>> backends, int threads)
    : backends_(std::move(backends)), pool_(threads) {
  check(!backends_.empty(), "a session needs a backend");
}

Plan Session::plan(Graph graph) const {
  PlanOptions options;
  for (const auto& backend : backends_) options.backends.push_back(backend.get());
  options.threads = pool_.threads();
  return make_plan(std::move(graph), variables_, options);
}

std::unique_ptr<Executor> Session::compile(Graph graph) {
  Plan ready = plan(std::move(graph));
  const size_t bytes = ready.arena_bytes;
  try {
    return std::make_unique<Executor>(std::move(ready), variables_, arena_, pool_);
  } catch (const std::bad_alloc&) {
    throw UserError("memory.exhausted", "training", {{"bytes", std::to_string(bytes / 1000000) + " MB"}});
  }
}

}  // namespace trainyard

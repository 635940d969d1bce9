// An engine one of whose pool threads traps at the second call, for tests of what then reaches the page.
#include <emscripten/bind.h>
#include <emscripten/threading.h>
#include <emscripten/val.h>

#include <atomic>
#include <string>

#include "engine/core/thread_pool.h"

namespace {

using emscripten::val;

class Engine {
 public:
  explicit Engine(int threads) : pool_(threads) {}

  val call(const std::string& command, const std::string&) {
    if (command != "info") trap_on_a_pool_thread();
    val result = val::object();
    result.set("json", R"({"version": "trap", "protocol": 1, "threads": 2})");
    return result;
  }

 private:
  /// The caller's block waits for the other to be taken, or the caller might run both.
  void trap_on_a_pool_thread() {
    std::atomic<bool> taken{false};
    pool_.parallel_for(2, [&](int64_t, int) {
      if (!emscripten_is_main_runtime_thread()) {
        taken = true;
        __builtin_trap();
      }
      while (!taken) {
      }
    });
  }

  trainyard::ThreadPool pool_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(trap) { emscripten::class_<Engine>("Engine").constructor<int>().function("call", &Engine::call); }

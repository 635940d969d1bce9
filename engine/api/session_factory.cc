#include "engine/api/session_factory.h"

#include "engine/core/diagnostic.h"

#ifndef TRAINYARD_VERSION
#error "the build passes TRAINYARD_VERSION"
#endif

namespace trainyard {

std::vector<std::string> backend_names() { return {"cpu", "ref"}; }

std::shared_ptr<Device> make_device(const SessionOptions& options) {
  std::vector<std::unique_ptr<Backend>> backends;
  if (options.backend == "cpu")
    backends.push_back(make_cpu_backend());
  else if (options.backend != "ref")
    throw UserError("backend.unknown", "backend", {{"name", options.backend}, {"known", "cpu, ref"}});
  backends.push_back(make_ref_backend());
  return std::make_shared<Device>(std::move(backends), options.threads > 0 ? options.threads : hardware_threads());
}

std::unique_ptr<Session> make_session(const SessionOptions& options) {
  return std::make_unique<Session>(make_device(options));
}

std::string_view version() { return TRAINYARD_VERSION; }

}  // namespace trainyard

// Puts a session together from the backends of this build.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/session.h"

namespace trainyard {

struct SessionOptions {
  /// "cpu" (with "ref" for what it lacks) or "ref".
  std::string backend = "cpu";
  /// 0: all cores.
  int threads = 0;
};

std::vector<std::string> backend_names();

/// Throws UserError (backend.unknown).
std::shared_ptr<Device> make_device(const SessionOptions& options);
/// A session on a device of its own.
std::unique_ptr<Session> make_session(const SessionOptions& options);

/// "0.1.0": of this build.
std::string_view version();

}  // namespace trainyard

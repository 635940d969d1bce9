// What every fuzz target shares.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <span>

#include "engine/core/diagnostic.h"

namespace trainyard {

/// Ends the run as a finding when the engine contradicts itself.
inline void require(bool condition) {
  if (!condition) std::abort();
}

/// Runs `read` on the bytes. A refusal must have a sentence for each of its codes, fit for JSON and so for a page.
template <typename Read>
int accept_or_refuse(const Read& read) {
  try {
    read();
  } catch (const UserError& error) {
    require(!error.diagnostics().items().empty());
    for (const Diagnostic& diagnostic : error.diagnostics().items()) {
      require(find_message(diagnostic.code) != nullptr);
      require(!to_json(diagnostic).dump().empty());
    }
  }
  return 0;
}

}  // namespace trainyard

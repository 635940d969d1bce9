// Fetching a file over the net. Natively curl does it, as a process of its own; in a page it is the page's work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trainyard {

struct DownloadResult {
  std::vector<uint8_t> bytes;
  /// Why it failed, for people; "" when it did not.
  std::string reason;
  bool ok() const { return reason.empty(); }
};

/// GET over HTTPS, at most `limit` bytes and two minutes, redirects followed over HTTPS alone. Never throws UserError.
DownloadResult download(const std::string& url, uint64_t limit);

}  // namespace trainyard

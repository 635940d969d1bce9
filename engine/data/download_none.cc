#include "engine/data/download.h"

namespace trainyard {

DownloadResult download(const std::string& /*url*/, uint64_t /*limit*/) {
  return {{}, "this build cannot fetch files: the page does it"};
}

}  // namespace trainyard

#include "native/cli/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace trainyard::cli {
namespace {

/// The number after `key` in a file of "Key:   123 kB" lines; 0 when absent.
uint64_t field(const char* path, const std::string& key) {
  std::ifstream file(path);
  std::string name;
  uint64_t value = 0;
  std::string rest;
  while (file >> name) {
    if (name == key && file >> value) return value;
    std::getline(file, rest);
  }
  return 0;
}

uint64_t number_in(const char* path) {
  std::ifstream file(path);
  uint64_t value = 0;
  return file >> value ? value : 0;
}

/// Control group version 2, at the place where a container sees its own.
uint64_t left_in_group() {
  const uint64_t limit = number_in("/sys/fs/cgroup/memory.max");  // "max" reads as 0
  const uint64_t used = number_in("/sys/fs/cgroup/memory.current");
  if (limit == 0) return std::numeric_limits<uint64_t>::max();
  const uint64_t cache = field("/sys/fs/cgroup/memory.stat", "inactive_file");  // given back on demand
  const uint64_t held = used > cache ? used - cache : 0;
  return limit > held ? limit - held : 0;
}

}  // namespace

uint64_t available_memory() {
  const uint64_t machine = field("/proc/meminfo", "MemAvailable:") * 1024;
  return machine == 0 ? 0 : std::min(machine, left_in_group());
}

void limit_memory_to_available() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return;  // shadow memory is counted too
#else
  const uint64_t available = available_memory();
  rlimit limit{};
  if (available == 0 || getrlimit(RLIMIT_DATA, &limit) != 0) return;
  const uint64_t held = field("/proc/self/status", "VmData:") * 1024;
  const uint64_t wanted = held + available;
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur <= wanted) return;
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min<uint64_t>(wanted, limit.rlim_max);
  setrlimit(RLIMIT_DATA, &limit);
#endif
}

uint64_t peak_memory() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

}  // namespace trainyard::cli

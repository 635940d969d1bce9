// golden_test: runs every golden case it finds. See --help.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>

#include "engine/io/file.h"
#include "tests/golden/golden_case.h"

namespace trainyard::golden {
namespace {

constexpr const char* kHelp =
    "golden_test [--backend ref|cpu|all] [--only TEXT] [--threads N] [--verbose]\n"
    "Runs the cases of $TRAINYARD_GOLDEN, else of tests/golden/cases and of $TRAINYARD_SHARED/golden "
    "(../shared/golden).\n";

struct Options {
  std::vector<std::string> backends{"ref", "cpu"};
  std::string only;
  int threads = 2;
  bool verbose = false;
};

struct Counts {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

/// By case name; a case in several folders is run once, from the first.
std::map<std::string, std::string> collect() {
  std::vector<std::string> folders;
  if (const char* given = std::getenv("TRAINYARD_GOLDEN"); given != nullptr && *given != '\0') {
    folders = {given};
  } else {
    const char* shared = std::getenv("TRAINYARD_SHARED");
    folders = {"tests/golden/cases", std::string(shared != nullptr ? shared : "../shared") + "/golden"};
  }
  std::map<std::string, std::string> cases;
  for (const std::string& folder : folders) {
    if (!is_folder(folder)) {
      std::printf("no folder %s\n", folder.c_str());
      continue;
    }
    for (const std::string& path : find_cases(folder)) cases.emplace(path.substr(folder.size() + 1), path);
  }
  return cases;
}

const Kind* find_kind(const std::string& name) {
  for (const Kind& kind : kinds())
    if (kind.name == name) return &kind;
  return nullptr;
}

Report run_case(const std::string& path, Machine& machine) {
  Report report;
  try {
    const Case golden = load_case(path);
    if (const Kind* kind = find_kind(golden.kind))
      kind->run(golden, machine, report);
    else
      report.skip("this runner does not know the kind '" + golden.kind + "'");
    if (report.skipped().empty() && report.failures().empty() && report.compared() == 0)
      report.fail("compared nothing");
  } catch (const std::exception& error) {
    report.fail(error.what());
  }
  return report;
}

/// A case counts once: it has passed when it passes on every backend.
void count(const std::string& name, const std::vector<std::pair<std::string, Report>>& reports, const Options& options,
           Counts& counts) {
  bool failed = false;
  std::string skipped;
  for (const auto& [backend, report] : reports) {
    if (!report.skipped().empty()) skipped = report.skipped();
    for (const std::string& why : report.failures()) {
      failed = true;
      std::printf("FAILED  %s [%s]: %s\n", name.c_str(), backend.c_str(), why.c_str());
    }
    if (options.verbose) std::printf("%s [%s]: %d comparisons\n", name.c_str(), backend.c_str(), report.compared());
  }
  if (failed) {
    ++counts.failed;
  } else if (!skipped.empty()) {
    ++counts.skipped;
    std::printf("skipped %s: %s\n", name.c_str(), skipped.c_str());
  } else {
    ++counts.passed;
  }
}

int run(const Options& options) {
  std::vector<std::unique_ptr<Machine>> machines;
  for (const std::string& backend : options.backends) {
    machines.push_back(make_machine(backend, options.threads));
    if (machines.back() != nullptr) continue;
    std::fprintf(stderr, "unknown backend '%s'\n", backend.c_str());
    return 2;
  }
  Counts counts;
  for (const auto& [name, path] : collect()) {
    if (name.find(options.only) == std::string::npos) continue;
    std::vector<std::pair<std::string, Report>> reports;
    for (const auto& machine : machines) reports.emplace_back(machine->backend(), run_case(path, *machine));
    count(name, reports, options, counts);
  }
  std::printf("%d passed, %d failed, %d skipped\n", counts.passed, counts.failed, counts.skipped);
  return counts.failed == 0 && counts.passed + counts.skipped > 0 ? 0 : 1;
}

}  // namespace
}  // namespace trainyard::golden

int main(int argc, char** argv) {
  trainyard::golden::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const bool more = i + 1 < argc;
    if (arg == "--backend" && more) {
      const std::string name = argv[++i];
      if (name != "all") options.backends = {name};
    } else if (arg == "--only" && more) {
      options.only = argv[++i];
    } else if (arg == "--threads" && more) {
      options.threads = std::max(1, std::atoi(argv[++i]));
    } else if (arg == "--verbose") {
      options.verbose = true;
    } else {
      std::fputs(trainyard::golden::kHelp, arg == "--help" ? stdout : stderr);
      return arg == "--help" ? 0 : 2;
    }
  }
  return trainyard::golden::run(options);
}

// One case of the golden runner: tensors and metadata that real Keras computed, and where the comparison goes.
// A kind of case ("layer", "loss", ...) is one function in its own file, named in golden_kinds.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/core/json.h"
#include "engine/io/safetensors.h"
#include "engine/ops/builder.h"

namespace trainyard::golden {

/// A case file, read whole.
struct Case {
  std::string name;        // file name without ".safetensors"
  std::string folder;      // where the file lies; a model's other files are there
  std::string kind;        // "layer", "loss", ...
  std::string class_name;  // of `config`
  Json config;             // Keras's serialized object
  SafetensorsFile file;

  /// A metadata value: JSON where it begins with `{`, `[` or a digit, else a text or one of true and false; null when absent.
  Json metadata(std::string_view key) const;
  bool has(std::string_view tensor) const { return file.find(tensor) != nullptr; }
  /// Throws std::runtime_error when the case has none of that name.
  const Tensor& tensor(std::string_view name) const;
  /// prefix.0, prefix.1, ... as far as they go.
  std::vector<Tensor> numbered(std::string_view prefix) const;
};

/// Runs op graphs on one backend.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual std::string_view backend() const = 0;
  /// The values of `wanted` after one run of the graph. `inputs`: one tensor for each Graph::input, in their order;
  /// graphs with variables are not run here (feed weights and state as inputs).
  virtual std::vector<Tensor> run(Graph& graph, const std::vector<Tensor>& inputs,
                                  const std::vector<Value>& wanted) = 0;
};

/// What came of one case on one backend.
class Report {
 public:
  /// Fails the case unless max|got - wanted| <= tolerance * max|wanted| + floor and the shapes agree ([1] agrees with []).
  void expect_close(const std::string& what, const Tensor& got, const Tensor& wanted, double tolerance = 1e-5,
                    double floor = 1e-7);
  void expect_close(const std::string& what, double got, const Tensor& wanted, double tolerance = 1e-5);
  void fail(const std::string& why) { failures_.push_back(why); }
  /// The case is listed as skipped, with this reason.
  void skip(const std::string& why) { skipped_ = why; }

  const std::vector<std::string>& failures() const { return failures_; }
  const std::string& skipped() const { return skipped_; }
  /// Comparisons made; a case that compares nothing fails.
  int compared() const { return compared_; }

 private:
  std::vector<std::string> failures_;
  std::string skipped_;
  int compared_ = 0;
};

using RunCase = void (*)(const Case& golden, Machine& machine, Report& report);

struct Kind {
  std::string_view name;
  RunCase run;
};

/// The kinds this runner knows (golden_kinds.cc).
const std::vector<Kind>& kinds();

/// The largest |element|; 0 of an empty tensor.
double largest_of(const Tensor& tensor);

/// Reads one file; throws UserError or std::runtime_error.
Case load_case(const std::string& path);

/// Every *.safetensors file of a folder, by name; model.*/ folders are cases too (path of the folder's case.safetensors).
std::vector<std::string> find_cases(const std::string& folder);

/// `--backend` names; null for an unknown one. A build without threads bears only one.
std::unique_ptr<Machine> make_machine(std::string_view backend, int threads);

}  // namespace trainyard::golden

// What a user did wrong, as data: a code with parameters, a path and a suggested mend. The sentence is made late.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/check.h"
#include "engine/core/json.h"

namespace trainyard {

enum class Severity : uint8_t { error, warning };

/// One mistake. `code` picks the sentence in messages.cc; `params` fill its {holes}.
struct Diagnostic {
  std::string code;
  /// Where, in the user's terms: `layers[3].groups`, `optimizer.learning_rate`, `train.csv:17`.
  std::string path;
  std::vector<std::pair<std::string, std::string>> params;
  Severity severity = Severity::error;
  /// The page's node id and the argument, where the mistake belongs to a layer; else empty.
  std::string node;
  std::string arg;

  /// "path: sentence", in English.
  std::string text() const;
  /// The sentence alone.
  std::string message() const;
  /// A suggested mend, or "".
  std::string fix() const;
};

Json to_json(const Diagnostic& diagnostic);

/// Collects diagnostics; validation goes on after the first.
class Diagnostics {
 public:
  using Params = std::vector<std::pair<std::string, std::string>>;

  void error(std::string code, std::string path, Params params = {});
  void warn(std::string code, std::string path, Params params = {});
  void add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }
  void add_all(const Diagnostics& others);

  bool has_errors() const;
  const std::vector<Diagnostic>& items() const { return items_; }
  std::vector<Diagnostic>& items() { return items_; }
  /// All of them, a line each.
  std::string text() const;

 private:
  std::vector<Diagnostic> items_;
};

/// A user's mistake found deep inside (a file that ends early, no memory), carried to the edge that reports it.
class UserError : public std::runtime_error {
 public:
  explicit UserError(Diagnostics diagnostics)
      : std::runtime_error(diagnostics.text()), diagnostics_(std::move(diagnostics)) {}
  UserError(std::string code, std::string path, Diagnostics::Params params = {});
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  Diagnostics diagnostics_;
};

/// Throws UserError when any is an error.
void throw_if_errors(const Diagnostics& diagnostics);

/// The English sentence and mend of a code; one table for all (messages.cc).
struct Message {
  std::string_view code;
  std::string_view sentence;
  std::string_view fix;
};
/// Null when the code is unknown; a test walks the sources so that none is.
const Message* find_message(std::string_view code);

}  // namespace trainyard

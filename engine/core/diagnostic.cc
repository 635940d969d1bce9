#include "engine/core/diagnostic.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace trainyard {
namespace {

/// Replaces each {name} by its parameter; an unknown hole stays as it is.
std::string fill(std::string_view pattern, const Diagnostics::Params& params) {
  std::string result;
  for (size_t i = 0; i < pattern.size();) {
    const size_t close = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (close == std::string_view::npos) {
      result += pattern[i++];
      continue;
    }
    const std::string_view name = pattern.substr(i + 1, close - i - 1);
    const auto found = std::find_if(params.begin(), params.end(), [&](const auto& p) { return p.first == name; });
    result += found != params.end() ? found->second : std::string(pattern.substr(i, close - i + 1));
    i = close + 1;
  }
  return result;
}

}  // namespace

std::string Diagnostic::message() const {
  const Message* entry = find_message(code);
  return entry == nullptr ? code : fill(entry->sentence, params);
}

std::string Diagnostic::fix() const {
  const Message* entry = find_message(code);
  return entry == nullptr ? "" : fill(entry->fix, params);
}

std::string Diagnostic::text() const {
  std::string result = path.empty() ? message() : path + ": " + message();
  if (const std::string mend = fix(); !mend.empty()) result += " (" + mend + ")";
  return result;
}

Json to_json(const Diagnostic& diagnostic) {
  Json params = Json::object();
  for (const auto& [name, value] : diagnostic.params) params[name] = value;
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"code", diagnostic.code},        {"severity", diagnostic.severity == Severity::error ? "error" : "warning"},
          {"path", diagnostic.path},        {"node", or_null(diagnostic.node)},
          {"arg", or_null(diagnostic.arg)}, {"message", diagnostic.message()},
          {"fix", diagnostic.fix()},        {"params", params}};
}

void Diagnostics::error(std::string code, std::string path, Params params) {
  items_.push_back({std::move(code), std::move(path), std::move(params), Severity::error, {}, {}});
}

void Diagnostics::warn(std::string code, std::string path, Params params) {
  items_.push_back({std::move(code), std::move(path), std::move(params), Severity::warning, {}, {}});
}

void Diagnostics::add_all(const Diagnostics& others) {
  items_.insert(items_.end(), others.items_.begin(), others.items_.end());
}

bool Diagnostics::has_errors() const {
  return std::any_of(items_.begin(), items_.end(), [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string Diagnostics::text() const {
  std::string result;
  for (const Diagnostic& item : items_) result += (result.empty() ? "" : "\n") + item.text();
  return result;
}

UserError::UserError(std::string code, std::string path, Diagnostics::Params params)
    : UserError([&] {
        Diagnostics one;
        one.error(std::move(code), std::move(path), std::move(params));
        return one;
      }()) {}

void throw_if_errors(const Diagnostics& diagnostics) {
  if (diagnostics.has_errors()) throw UserError(diagnostics);
}

}  // namespace trainyard

#include "native/cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace trainyard::cli {
namespace {

/// Text that is not UTF-8 (a file name, say) must not break the line.
std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

bool put(std::FILE* file, const std::string& line) {
  const size_t written = std::fwrite(line.data(), 1, line.size(), file);
  return std::fputc('\n', file) != EOF && std::fflush(file) == 0 && written == line.size();
}

}  // namespace

void Output::line(const std::string& text) {
  if (json_) return;
  wipe_status();
  print(text);
}

void Output::event(const std::string& name, const Json& fields) {
  if (!json_) return;
  Json object = {{"event", name}};
  for (const auto& [key, value] : fields.items()) object[key] = value;
  print(dumped(object));
}

void Output::notes(const Diagnostics& diagnostics) {
  for (const Diagnostic& note : diagnostics.items()) {
    event("warning", {{"diagnostics", Json::array({to_json(note)})}});
    if (json_) continue;
    wipe_status();
    put(stderr, err_.paint(Colour::yellow, "note: ") + note.text());
  }
}

void Output::errors(const Diagnostics& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& item : diagnostics.items()) list.push_back(to_json(item));
  event("error", {{"diagnostics", list}});
  if (json_) return;
  wipe_status();
  for (const Diagnostic& item : diagnostics.items())
    put(stderr,
        (item.severity == Severity::error ? err_.paint(Colour::red, "error: ") : err_.paint(Colour::yellow, "note: ")) +
            item.text());
}

void Output::error(const std::string& code, const std::string& path, Diagnostics::Params params) {
  Diagnostics one;
  one.error(code, path, std::move(params));
  errors(one);
}

void Output::print(const std::string& line) {
  if (!put(stdout, line) && lost_ == 0) lost_ = errno;
}

bool Output::report_loss() {
  if (lost_ == 0) return false;
  Diagnostics loss;
  loss.error("file.unwritable", "standard output", {{"reason", std::strerror(lost_)}});
  put(stderr, err_.paint(Colour::red, "error: ") + loss.items().front().text());
  return true;
}

void Output::status(const std::string& text) {
  if (json_ || !out_.interactive()) return;
  wipe_status();
  if (text.empty()) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  status_shown_ = true;
}

void Output::wipe_status() {
  if (!status_shown_) return;
  std::fputs("\r\x1b[K", stdout);
  std::fflush(stdout);
  status_shown_ = false;
}

}  // namespace trainyard::cli

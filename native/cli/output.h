// Where a command's words go: lines for people, or with --json one object a line for programs.
#pragma once

#include <string>

#include "engine/core/diagnostic.h"
#include "native/cli/terminal.h"

namespace trainyard::cli {

class Output {
 public:
  explicit Output(bool json) : json_(json), out_(json ? Terminal() : Terminal::of(1)), err_(Terminal::of(2)) {}

  bool json() const { return json_; }
  /// The terminal of standard output.
  const Terminal& terminal() const { return out_; }
  std::string paint(Colour colour, std::string_view text) const { return out_.paint(colour, text); }

  /// A line on standard output, for people only.
  void line(const std::string& text);
  /// An object on standard output, for programs only: {"event": name, ...fields}.
  void event(const std::string& name, const Json& fields);
  /// Warnings: on standard error, or as {"event": "warning"} lines.
  void notes(const Diagnostics& diagnostics);
  /// Mistakes: on standard error, or as one {"event": "error", "diagnostics": [...]}.
  void errors(const Diagnostics& diagnostics);
  void error(const std::string& code, const std::string& path, Diagnostics::Params params = {});

  /// Whether something did not reach standard output (a full disk), which it then says on standard error.
  bool report_loss();

  /// Draws over the terminal's last line; nothing where there is no terminal. "" wipes it.
  void status(const std::string& text);

 private:
  void print(const std::string& line);
  void wipe_status();

  bool json_;
  Terminal out_;
  Terminal err_;
  bool status_shown_ = false;
  int lost_ = 0;  // errno of the first line that could not be written
};

}  // namespace trainyard::cli

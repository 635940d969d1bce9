#include "native/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace trainyard::cli {
namespace {

constexpr int kPlainWidth = 80;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// POSIX: LC_ALL wins over LC_CTYPE over LANG.
bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const std::string value = variable(name); !value.empty())
      return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos ||
             value.find("UTF8") != std::string::npos;
  return false;
}

std::string_view sequence_of(Colour colour) {
  switch (colour) {
    case Colour::none: return "";
    case Colour::bold: return "\x1b[1m";
    case Colour::dim: return "\x1b[2m";
    case Colour::red: return "\x1b[31m";
    case Colour::green: return "\x1b[32m";
    case Colour::yellow: return "\x1b[33m";
    case Colour::cyan: return "\x1b[36m";
  }
  return "";
}

}  // namespace

Terminal Terminal::of(int descriptor) {
  Terminal terminal;
  terminal.descriptor_ = descriptor;
  const std::string kind = variable("TERM");
  terminal.interactive_ = isatty(descriptor) == 1 && kind != "dumb";
  // https://no-color.org: set and not empty means no colours.
  terminal.colours_ = terminal.interactive_ && variable("NO_COLOR").empty();
  terminal.utf8_ = locale_is_utf8();
  return terminal;
}

int Terminal::width() const {
  winsize size{};
  if (interactive_ && ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kPlainWidth;
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
  if (!colours_ || colour == Colour::none) return std::string(text);
  return std::string(sequence_of(colour)) + std::string(text) + "\x1b[0m";
}

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {  // ESC [ ... m
      while (i < text.size() && text[i] != 'm') ++i;
      continue;
    }
    const bool continuation = (static_cast<unsigned char>(text[i]) & 0xC0u) == 0x80u;
    if (!continuation) ++columns;
  }
  return columns;
}

}  // namespace trainyard::cli

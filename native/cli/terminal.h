// What the screen at the other end can show.
#pragma once

#include <string>
#include <string_view>

namespace trainyard::cli {

enum class Colour : char { none, bold, dim, red, green, yellow, cyan };

/// A file descriptor's terminal, as found at the start. Everything is plain where it is none.
class Terminal {
 public:
  /// Nothing but plain text.
  Terminal() = default;
  /// Asks the descriptor and the environment: NO_COLOR, TERM=dumb, the locale.
  static Terminal of(int descriptor);

  bool interactive() const { return interactive_; }
  bool utf8() const { return utf8_; }
  /// Columns now: the window may have changed. 80 where it cannot be told.
  int width() const;
  /// `text` in a colour, or as it is where colours are off.
  std::string paint(Colour colour, std::string_view text) const;

 private:
  int descriptor_ = -1;
  bool interactive_ = false;
  bool colours_ = false;
  bool utf8_ = false;
};

/// Columns that UTF-8 text takes, colour sequences not counted.
size_t columns_of(std::string_view text);

}  // namespace trainyard::cli

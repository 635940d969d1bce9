#include "engine/io/json_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/core/diagnostic.h"
#include "engine/core/keras_object.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

/// Stands for infinity in the text that the parser is given; its value matters to nobody, its digits are nobody else's.
constexpr std::string_view kInfinityDigits = "1.0011000010010000111111011010101000100010000101101e0";
constexpr std::string_view kNanDigits = "1.0011000010010000111111011010101000100010000101101e1";

/// The text with Python's words for numbers, where a number may stand, replaced by digits. Empty: it has none.
std::string without_python_words(std::string_view text) {
  std::string result;
  if (text.find("Infinity") == std::string_view::npos && text.find("NaN") == std::string_view::npos) return result;
  size_t from = 0;
  bool quoted = false;
  char before = ' ';  // what stands before the value
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      at += c == '\\' ? 1 : 0;
      quoted = c != '"';
      continue;
    }
    quoted = c == '"';
    for (const auto& [word, digits] : {std::pair{"Infinity", kInfinityDigits}, std::pair{"NaN", kNanDigits}}) {
      const size_t size = std::string_view(word).size();
      const bool negative = before == '-' && digits == kInfinityDigits;
      const char first = !negative ? before : at > 1 ? text[at - 2] : ' ';
      const char behind = at + size < text.size() ? text[at + size] : ' ';
      if (text.substr(at, size) != word || std::string_view(" \t\r\n[:,").find(first) == std::string_view::npos ||
          std::string_view(" \t\r\n,]}").find(behind) == std::string_view::npos)
        continue;
      result.append(text, from, at - from).append(digits);
      from = at + size;
    }
    before = c;
  }
  return from == 0 ? result : result.append(text, from);
}

constexpr int kMostWords = 65536;

/// Receives nlohmann's parse events and builds the value itself: its own builder knows neither a depth limit nor
/// duplicate keys, and looks each key up from the front.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, std::string path, const JsonLimits& limits)
      : text_(text), path_(std::move(path)), limits_(limits) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(Json(nullptr)); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(Json(value)); }
  bool number_float(number_float_t value, const string_t& digits) override {
    const bool nan = limits_.python && digits == kNanDigits;
    const bool infinite = limits_.python && std::string_view(digits).ends_with(kInfinityDigits);
    if (!nan && !infinite) return add(Json(value));
    // What stands for them takes much more memory than they do in the text.
    if (++words_ > kMostWords) throw UserError("json.syntax", path_, {{"detail", "more than 65536 infinite numbers"}});
    return add(number_json(nan ? std::numeric_limits<double>::quiet_NaN()
                               : std::copysign(std::numeric_limits<double>::infinity(), value)));
  }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t& /*value*/) override { return false; }  // JSON text has none
  bool start_object(size_t /*elements*/) override { return open(Json::object()); }
  bool start_array(size_t /*elements*/) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!open_.back().keys.insert(name).second)
      throw UserError("json.duplicate_key", path_, {{"key", printable(name)}});
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(size_t position, const std::string& /*token*/, const nlohmann::detail::exception& error) override {
    throw UserError("json.syntax", path_, {{"detail", place_of(position) + ": " + reason_of(error.what())}});
  }

 private:
  struct Open {
    Json* value = nullptr;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  /// Puts the value into the innermost open container and returns where it lies now.
  Json* place(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back().value;
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    using Members = std::vector<std::pair<const std::string, Json>>;
    auto& members = static_cast<Members&>(parent.get_ref<Json::object_t&>());
    return &members.emplace_back(std::move(open_.back().key), std::move(value)).second;
  }

  bool add(Json&& value) {
    place(std::move(value));
    return true;
  }

  bool open(Json&& container) {
    if (static_cast<int>(open_.size()) >= limits_.depth)
      throw UserError("json.too_deep", path_, {{"limit", std::to_string(limits_.depth)}});
    Json* placed = place(std::move(container));
    open_.push_back({placed, {}, {}});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// `position` counts the bytes read so far, the offending one included.
  std::string place_of(size_t position) const {
    const std::string_view before = text_.substr(0, position == 0 ? 0 : std::min(position - 1, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t line_start = before.find_last_of('\n') == std::string_view::npos ? 0 : before.find_last_of('\n') + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(before.size() - line_start + 1);
  }

  /// The library's sentence without its own prefix and place; it quotes the file, so it may hold any byte.
  static std::string reason_of(std::string_view what) {
    if (const size_t dash = what.find(" - "); dash != std::string_view::npos)
      what.remove_prefix(dash + 3);
    else if (const size_t bracket = what.find("] "); bracket != std::string_view::npos)
      what.remove_prefix(bracket + 2);
    return printable(what, 160);
  }

  std::string_view text_;
  std::string path_;
  JsonLimits limits_;
  Json root_;
  std::vector<Open> open_;
  int words_ = 0;
};

}  // namespace

Json read_json(std::string_view text, const std::string& path_for_messages, const JsonLimits& limits) {
  if (text.size() > limits.bytes)
    throw UserError("json.too_large", path_for_messages, {{"limit", bytes_text(limits.bytes)}});
  const std::string replaced = limits.python ? without_python_words(text) : std::string();
  if (!replaced.empty()) text = replaced;
  Builder builder(text, path_for_messages, limits);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

Json read_json(std::span<const uint8_t> bytes, const std::string& path_for_messages, const JsonLimits& limits) {
  return read_json(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path_for_messages,
                   limits);
}

}  // namespace trainyard

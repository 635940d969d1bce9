#include "native/cli/call_expression.h"

#include <cctype>
#include <nlohmann/json.hpp>

#include "engine/core/diagnostic.h"
#include "engine/data/number.h"
#include "engine/io/json_reader.h"

namespace trainyard::cli {
namespace {

constexpr int kDeepest = 16;

class CallReader {
 public:
  CallReader(const std::string& text, const std::string& option) : text_(text), option_(option) {}

  Json whole() {
    Json value = call();
    skip_space();
    if (at_ < text_.size()) refuse("the end");
    return value;
  }

  void append_all(Json& list) {
    do list.push_back(call());
    while (take(','));
    if (at_ < text_.size()) refuse("',' or the end");
  }

 private:
  [[noreturn]] void refuse(const std::string& wanted) const {
    const std::string rest = at_ < text_.size() ? "'" + text_.substr(at_) + "'" : "the end";
    throw UserError("cli.usage", option_,
                    {{"message", "'" + text_ + "' should have " + wanted + " where " + rest +
                                     " is; it is written like EarlyStopping(patience=3)"}});
  }

  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string word() {
    skip_space();
    const size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" ,()[]='\"").find(text_[at_]) == std::string_view::npos) ++at_;
    if (begin == at_) refuse("a name or a number");
    return text_.substr(begin, at_ - begin);
  }

  std::string quoted(char quote) {
    const size_t end = text_.find(quote, at_);
    if (end == std::string::npos) refuse("a closing quote");
    std::string inside = text_.substr(at_, end - at_);
    at_ = end + 1;
    return inside;
  }

  static Json plain(const std::string& word) {
    if (word == "True" || word == "true") return true;
    if (word == "False" || word == "false") return false;
    if (word == "None" || word == "null") return nullptr;
    if (const auto number = parse_number(word)) {
      const bool whole = word.find_first_not_of("+-0123456789") == std::string::npos && std::abs(*number) < 1e15;
      return whole ? Json(static_cast<int64_t>(*number)) : Json(*number);
    }
    return word;
  }

  /// A name, perhaps with arguments.
  Json call() {
    const std::string name = word();
    if (!take('(')) return plain(name);
    Json config = Json::object();
    while (!take(')')) {
      if (!config.empty() && !take(',')) refuse("',' or ')'");
      const std::string argument = word();
      if (!take('=')) refuse("'=' and a value");
      config[argument] = value();
    }
    return {{"class_name", name}, {"config", config}};
  }

  Json value() {
    if (++depth_ > kDeepest) refuse("fewer calls in each other");
    Json result;
    if (take('\''))
      result = quoted('\'');
    else if (take('"'))
      result = quoted('"');
    else if (take('['))
      result = list();
    else
      result = call();
    --depth_;
    return result;
  }

  Json list() {
    Json items = Json::array();
    while (!take(']')) {
      if (!items.empty() && !take(',')) refuse("',' or ']'");
      items.push_back(value());
    }
    return items;
  }

  const std::string& text_;
  const std::string& option_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Json parse_call(const std::string& text, const std::string& option) {
  if (!text.empty() && text.front() == '{') return read_json(text, option);
  return CallReader(text, option).whole();
}

Json parse_calls(const std::vector<std::string>& texts, const std::string& option) {
  Json list = Json::array();
  for (const std::string& text : texts) {
    if (text.empty() || text.front() != '{') {
      CallReader(text, option).append_all(list);
      continue;
    }
    Json object = read_json(text, option);
    if (object.contains("class_name")) {
      list.push_back(std::move(object));
    } else if (texts.size() == 1) {
      return object;
    } else {
      throw UserError("cli.usage", option, {{"message", "what is given by output name stands alone"}});
    }
  }
  return list;
}

}  // namespace trainyard::cli

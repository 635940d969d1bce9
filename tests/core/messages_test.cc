// Walks the sources: every code that is used has a sentence, every sentence is used, and every hole is filled somewhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "engine/core/diagnostic.h"

namespace trainyard {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The text of all sources in the rooms that can speak to a user; tests run in the repository root.
const std::string& sources() {
  static const std::string all = [] {
    std::string text;
    for (const char* room : {"engine", "native", "wasm"}) {
      if (!std::filesystem::is_directory(room)) continue;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(room)) {
        const std::string extension = entry.path().extension().string();
        if (extension == ".cc" || extension == ".h") text += read(entry.path());
      }
    }
    return text;
  }();
  return all;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// "group.name" at `at`, with its quotes; "" where something else stands there.
std::string_view quoted_code(std::string_view text, size_t at) {
  size_t end = at + 1;
  size_t dots = 0;
  for (; end < text.size() && (is_word(text[end]) || text[end] == '.'); ++end) dots += text[end] == '.' ? 1 : 0;
  const bool whole = end < text.size() && text[end] == '"' && dots == 1 && text[at + 1] != '.' && text[end - 1] != '.';
  return whole ? text.substr(at, end + 1 - at) : std::string_view();
}

/// Every code-like string literal. A path may look like a code too: it stands behind one, after a comma, and is left out.
std::set<std::string> quoted_codes(std::string_view text) {
  std::set<std::string> found;
  size_t end_of_last = std::string_view::npos;
  for (size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
    const std::string_view literal = quoted_code(text, at);
    if (literal.empty()) continue;
    const bool is_path = end_of_last != std::string_view::npos &&
                         text.substr(end_of_last, at - end_of_last).find_first_not_of(", \n") == std::string_view::npos;
    if (!is_path) found.emplace(literal.substr(1, literal.size() - 2));
    end_of_last = at + literal.size();
    at = end_of_last - 1;
  }
  return found;
}

/// The names within {}, of a sentence.
std::set<std::string> holes_of(std::string_view sentence) {
  std::set<std::string> found;
  for (size_t open = sentence.find('{'); open != std::string_view::npos; open = sentence.find('{', open + 1)) {
    const size_t close = sentence.find('}', open);
    if (close != std::string_view::npos) found.emplace(sentence.substr(open + 1, close - open - 1));
  }
  return found;
}

std::string group_of(const std::string& code) { return code.substr(0, code.find('.')); }

/// Codes in messages.inc.
std::set<std::string> known_codes() {
  std::set<std::string> codes;
  std::istringstream lines(read("engine/core/messages.inc"));
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("{\"", 0) == 0) codes.insert(line.substr(2, line.find('"', 2) - 2));
  return codes;
}

TEST(Messages, CanBeWalked) {
  ASSERT_GT(sources().size(), 10'000u) << "run in the repository root";
  ASSERT_GT(known_codes().size(), 20u);
}

// Codes travel through variables and tables, so anything that looks like one of a known group counts.
TEST(Messages, HaveASentenceForEveryCodeUsed) {
  std::set<std::string> groups;
  for (const std::string& code : known_codes()) groups.insert(group_of(code));
  const std::set<std::string> extensions{"json", "csv", "cc", "h", "gz", "idx", "png", "js", "ts"};
  for (const std::string& code : quoted_codes(sources()))
    if (groups.count(group_of(code)) != 0 && extensions.count(code.substr(code.find('.') + 1)) == 0) {
      EXPECT_NE(find_message(code), nullptr) << "no sentence for " << code;
    }
}

// A code of a group that has no sentence at all would slip through the test above.
TEST(Messages, HaveASentenceForEveryCodeThrown) {
  for (const std::string_view call : {"UserError(\"", ".error(\"", ".warn(\""}) {
    const std::string_view text = sources();
    for (size_t at = text.find(call); at != std::string_view::npos; at = text.find(call, at + 1)) {
      const std::string_view literal = quoted_code(text, at + call.size() - 1);
      if (literal.empty()) continue;
      const std::string_view code = literal.substr(1, literal.size() - 2);
      EXPECT_NE(find_message(code), nullptr) << "no sentence for " << code;
    }
  }
}

TEST(Messages, AreAllUsed) {
  for (const std::string& code : known_codes())
    EXPECT_NE(sources().find('"' + code + '"'), std::string::npos) << code << " is said nowhere";
}

TEST(Messages, FillTheirHolesWithParametersThatSomebodyGives) {
  for (const std::string& code : known_codes()) {
    const Message* message = find_message(code);
    ASSERT_NE(message, nullptr) << code;
    const std::string text = std::string(message->sentence) + std::string(message->fix);
    for (const std::string& hole : holes_of(text))
      EXPECT_NE(sources().find("{\"" + hole + "\","), std::string::npos) << code << " has a hole {" << hole << "}";
  }
}

TEST(Messages, AreFoundByCode) {
  ASSERT_NE(find_message("json.syntax"), nullptr);
  EXPECT_EQ(find_message("json.syntax")->code, "json.syntax");
  EXPECT_EQ(find_message("json.syntaxx"), nullptr);
  EXPECT_EQ(find_message(""), nullptr);
  EXPECT_EQ(find_message("zzz"), nullptr);
}

}  // namespace
}  // namespace trainyard

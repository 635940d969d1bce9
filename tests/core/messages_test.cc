// Walks the sources: every code that is used has a sentence, every sentence is used, and every hole is filled somewhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

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

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::set<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    found.insert((*match)[1].str());
  return found;
}

/// Codes in messages.inc, and the groups before their dots.
std::set<std::string> known_codes() {
  return matches(read("engine/core/messages.inc"), std::regex(R"re(\{"([a-z0-9_.]+)", )re"));
}

TEST(Messages, CanBeWalked) {
  ASSERT_GT(sources().size(), 10'000u) << "run in the repository root";
  ASSERT_GT(known_codes().size(), 20u);
}

TEST(Messages, HaveASentenceForEveryCodeUsed) {
  // A path may look like a code; it stands behind one.
  const std::string text =
      std::regex_replace(sources(), std::regex(R"re(("[a-z0-9_]+\.[a-z0-9_]+"),\s*"[a-z0-9_.]+")re"), "$1");
  std::set<std::string> used = matches(
      text,
      std::regex(R"re((?:UserError|error|warn|fail\w*|refuse\w*|report\w*)\s*\(\s*"([a-z0-9_]+\.[a-z0-9_]+)")re"));
  // Codes also travel through variables and tables: anything that looks like one of a known group counts.
  std::set<std::string> groups;
  for (const std::string& code : known_codes()) groups.insert(code.substr(0, code.find('.')));
  const std::set<std::string> extensions{"json", "csv", "cc", "h", "gz", "idx", "png"};
  for (const std::string& code : matches(text, std::regex(R"re("([a-z0-9_]+\.[a-z0-9_]+)")re"))) {
    const size_t dot = code.find('.');
    if (groups.count(code.substr(0, dot)) != 0 && extensions.count(code.substr(dot + 1)) == 0) used.insert(code);
  }
  for (const std::string& code : used) EXPECT_NE(find_message(code), nullptr) << "no sentence for " << code;
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
    for (const std::string& hole : matches(text, std::regex(R"re(\{([a-z_]+)\})re")))
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

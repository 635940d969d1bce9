#include "engine/api/schema.h"

#include <nlohmann/json.hpp>

#include "native/cli/commands.h"
#include "native/cli/format.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

/// Words of `names`, broken into lines of the terminal's width.
std::string wrapped(const std::vector<std::string>& names, size_t width) {
  std::string text;
  std::string line = " ";
  for (const std::string& name : names) {
    if (columns_of(line) + 1 + columns_of(name) > width) {
      text += line + "\n";
      line = " ";
    }
    line += " " + name;
  }
  return text + line;
}

std::string kind_of(const Json& arg) {
  std::string kind = arg.value("kind", "");
  if (arg.contains("group") && arg["group"].is_string()) kind = "of " + arg["group"].get<std::string>();
  if (arg.contains("choices"))
    for (size_t i = 0; i < arg["choices"].size(); ++i)
      kind += (i == 0 ? ": " : " | ") + arg["choices"][i].get<std::string>();
  return kind;
}

/// A default as it is typed: an object by its name, with what is not null in its config.
std::string default_text(const Json& value) {
  if (!value.is_object() || !value.contains("class_name") || !value["class_name"].is_string()) return value.dump();
  std::string arguments;
  if (value.contains("config") && value["config"].is_object())
    for (const auto& [name, argument] : value["config"].items())
      if (!argument.is_null()) arguments += (arguments.empty() ? "" : ", ") + name + "=" + default_text(argument);
  return value["class_name"].get<std::string>() + (arguments.empty() ? "" : "(" + arguments + ")");
}

void show_class(const Json& entry, Output& output) {
  output.line(output.paint(Colour::bold, entry["class_name"].get<std::string>()) + "  " +
              output.paint(Colour::dim, entry.value("family", "")));
  output.line(entry.value("doc", ""));
  if (entry.contains("aliases") && !entry["aliases"].empty()) {
    std::vector<std::string> aliases;
    for (const Json& alias : entry["aliases"]) aliases.push_back(alias.get<std::string>());
    output.line("also known as:" + wrapped(aliases, 200).substr(1));
  }
  TextTable table({{"argument"}, {"default"}, {"what"}, {"meaning"}});
  for (const Json& arg : entry["args"])
    table.add({arg["name"].get<std::string>(),
               arg.value("required", false) ? "(required)" : default_text(arg["default"]), kind_of(arg),
               arg.value("doc", "")});
  output.line("\n" + table.text(output.terminal()));
}

/// The entries of every group that go by this name.
int show_named(const std::string& name, Output& output) {
  int found = 0;
  for (const Registry* registry : all_registries()) {
    const ClassInfo* info = registry->find(name);
    if (info == nullptr) continue;
    for (const Json& entry : schema_json()["groups"][registry->group()]) {
      if (entry["class_name"] != info->class_name) continue;
      if (found++ > 0) output.line("");
      show_class(entry, output);
      output.event("class", entry);
    }
  }
  if (found == 0) throw UserError("class.unknown", "schema", {{"class_name", name}, {"group", "classes"}});
  return kDone;
}

}  // namespace

int run_schema(const SchemaArguments& arguments, Output& output) {
  if (!arguments.coverage.empty()) return run_coverage(arguments.coverage, arguments.markdown, output);
  if (!arguments.name.empty()) return show_named(arguments.name, output);
  output.event("schema", schema_json());
  const auto width = static_cast<size_t>(output.terminal().width());
  for (const auto& [group, classes] : schema_json()["groups"].items()) {
    std::vector<std::string> names;
    for (const Json& entry : classes) names.push_back(entry["class_name"].get<std::string>());
    output.line(output.paint(Colour::bold, group) + " (" + std::to_string(names.size()) + ")");
    output.line(wrapped(names, width));
  }
  output.line(output.paint(
      Colour::dim, "Arguments of one: trainyard schema Conv2D. Everything, for programs: trainyard schema --json"));
  return kDone;
}

}  // namespace trainyard::cli

// How much of Keras is here: the declarations against a list of Keras's classes and arguments.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/api/schema.h"
#include "engine/io/file.h"
#include "engine/io/json_reader.h"
#include "native/cli/commands.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

/// One group of the list and what came of it.
struct Coverage {
  std::string group;
  size_t wanted = 0;
  std::vector<std::string> missing;
  /// "Conv2D.groups": an argument of a class that is here.
  std::vector<std::string> missing_arguments;
  /// "Conv2D.strides: 2 instead of 1": an argument with another default than Keras's.
  std::vector<std::string> other_defaults;
  size_t arguments = 0;  // that were compared
  size_t present() const { return wanted - missing.size(); }
  bool complete() const { return missing.empty() && missing_arguments.empty() && other_defaults.empty(); }
};

/// Our name of a group of the list.
std::string our_group(const std::string& group) { return group == "learning_rate_schedules" ? "schedules" : group; }

const Registry* registry_of(const std::string& group) {
  for (const Registry* registry : all_registries())
    if (registry->group() == our_group(group)) return registry;
  return nullptr;
}

std::set<std::string> texts(const Json& json) {
  std::set<std::string> result;
  if (json.is_array())
    for (const Json& text : json)
      if (text.is_string()) result.insert(text.get<std::string>());
  return result;
}

const ClassInfo::Refused* find_refused(const ClassInfo& info, const std::string& argument) {
  for (const ClassInfo::Refused& refused : info.refused)
    if (refused.name == argument) return &refused;
  return nullptr;
}

/// What our default is where it is another than Keras's (`entry` of the list); "" where they are the same. Keras's is read as an
/// argument of ours would be, so that "Zeros" and {"class_name": "Zeros"} are one.
std::string other_default(const ClassInfo& info, const ClassInfo::Arg& arg, const Json& entry) {
  if (entry.value("required", false)) return arg.spec.options.required ? "" : "a default where Keras has none";
  if (arg.spec.options.required) return "required, not " + entry["default"].dump();
  const std::unique_ptr<Declared> ours = info.make();
  const std::unique_ptr<Declared> theirs = info.make();
  Diagnostics diagnostics;
  arg.parse(*theirs, entry["default"], ParseContext(diagnostics, ""));
  const Json our_value = arg.print(*ours);
  if (!diagnostics.has_errors() && our_value == arg.print(*theirs)) return "";
  return our_value.dump() + " instead of " + entry["default"].dump();
}

void compare_argument(const ClassInfo& info, const std::string& name, const std::string& argument, const Json& entry,
                      Coverage& coverage) {
  ++coverage.arguments;
  const ClassInfo::Arg* arg = info.find(argument);
  const ClassInfo::Refused* refused = find_refused(info, argument);
  if (arg == nullptr && refused == nullptr) return coverage.missing_arguments.push_back(name + "." + argument);
  if (!entry.is_object() || !(entry.contains("default") || entry.contains("required"))) return;
  std::string other;
  if (arg != nullptr)
    other = other_default(info, *arg, entry);
  else if (const Json wanted = entry.value("default", Json());
           !wanted.is_null() && Json::parse(refused->default_text) != wanted)
    other = refused->default_text + " instead of " + wanted.dump();
  if (!other.empty()) coverage.other_defaults.push_back(name + "." + argument + ": " + other);
}

void compare_class(const std::string& name, const Json& arguments, const Registry* registry, Coverage& coverage) {
  ++coverage.wanted;
  const ClassInfo* info = registry == nullptr ? nullptr : registry->find(name);
  if (info == nullptr) {
    coverage.missing.push_back(name);
    return;
  }
  if (!arguments.is_object() || !arguments.contains("args")) return;
  for (const auto& [argument, entry] : arguments["args"].items())
    compare_argument(*info, name, argument, entry, coverage);
}

Coverage compare_group(const std::string& group, const Json& classes, const std::set<std::string>& excluded) {
  Coverage coverage;
  coverage.group = group;
  const Registry* registry = registry_of(group);
  if (classes.is_array()) {  // names alone: activations
    for (const std::string& name : texts(classes)) compare_class(name, nullptr, registry, coverage);
    return coverage;
  }
  for (const auto& [name, arguments] : classes.items())
    if (excluded.count(name) == 0) compare_class(name, arguments, registry, coverage);
  return coverage;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Json to_json(const Coverage& coverage) {
  return {{"group", coverage.group},
          {"wanted", coverage.wanted},
          {"present", coverage.present()},
          {"missing", coverage.missing},
          {"arguments", coverage.arguments},
          {"missing_arguments", coverage.missing_arguments},
          {"other_defaults", coverage.other_defaults}};
}

bool is_group(const std::string& key, const Json& value) {
  return (value.is_object() || value.is_array()) && key != "excluded" && key != "argument_rules";
}

Coverage total_of(const std::vector<Coverage>& groups) {
  Coverage total;
  total.group = "total";
  const auto append = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  for (const Coverage& group : groups) {
    total.wanted += group.wanted;
    total.arguments += group.arguments;
    append(total.missing, group.missing);
    append(total.missing_arguments, group.missing_arguments);
    append(total.other_defaults, group.other_defaults);
  }
  return total;
}

std::vector<std::string> row_of(const Coverage& group) {
  return {group.group,
          std::to_string(group.present()),
          std::to_string(group.wanted),
          std::to_string(group.arguments),
          std::to_string(group.missing_arguments.size()),
          std::to_string(group.other_defaults.size())};
}

constexpr std::array<const char*, 6> kColumns{"group", "present", "of", "arguments", "missing", "other defaults"};

void show_coverage(const std::vector<Coverage>& groups, Output& output) {
  std::vector<Column> columns;
  for (const char* title : kColumns) columns.push_back({title, !columns.empty()});
  TextTable table(columns);
  for (const Coverage& group : groups) table.add(row_of(group));
  table.rule();
  table.add(row_of(total_of(groups)));
  output.line(table.text(output.terminal()));
  for (const Coverage& group : groups) {
    const auto list = [&](const char* what, const std::vector<std::string>& names) {
      if (!names.empty()) output.line("\n" + output.paint(Colour::bold, what + group.group + ": ") + joined(names));
    };
    list("missing ", group.missing);
    list("missing arguments of ", group.missing_arguments);
    list("other defaults in ", group.other_defaults);
  }
}

/// docs/coverage.md
void show_markdown(const std::string& version, const std::vector<Coverage>& groups, Output& output) {
  output.line("# What of Keras is here\n");
  output.line("Generated by `scripts/coverage` from the declarations and the list of Keras " + version +
              "'s classes; not edited by hand.\n");
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    output.line(text);
  };
  line({kColumns.begin(), kColumns.end()});
  output.line("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const Coverage& group : groups) line(row_of(group));
  line(row_of(total_of(groups)));
  const auto list = [&](const std::string& title, const std::vector<std::string>& names) {
    if (names.empty()) return;
    output.line("\n" + title + ":\n");
    for (const std::string& name : names) output.line("- `" + name + "`");
  };
  for (const Coverage& group : groups) {
    list("Missing " + group.group, group.missing);
    list("Missing arguments of " + group.group, group.missing_arguments);
    list("Other defaults in " + group.group, group.other_defaults);
  }
}

}  // namespace

int run_coverage(const std::string& path, bool markdown, Output& output) {
  const Json list = read_json(read_file(path, uint64_t{64} << 20), path);
  if (!list.is_object())
    throw UserError("argument.type", path, {{"expected", "an object of groups"}, {"value", list.type_name()}});
  std::vector<Coverage> groups;
  for (const auto& [key, value] : list.items()) {
    if (!is_group(key, value)) continue;
    const Json excluded =
        list.contains("excluded") && list["excluded"].contains(key) ? list["excluded"][key] : Json::array();
    groups.push_back(compare_group(key, value, texts(excluded)));
  }
  const Coverage total = total_of(groups);
  if (markdown)
    show_markdown(list.value("keras_version", ""), groups, output);
  else
    show_coverage(groups, output);
  Json entries = Json::array();
  for (const Coverage& group : groups) entries.push_back(to_json(group));
  output.event(
      "done",
      {{"complete", total.complete()}, {"wanted", total.wanted}, {"present", total.present()}, {"groups", entries}});
  return total.complete() ? kDone : kFailed;
}

}  // namespace trainyard::cli

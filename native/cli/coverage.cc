// How much of Keras is here: the declarations against a list of Keras's classes and arguments.
#include <algorithm>
#include <map>
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
  size_t present() const { return wanted - missing.size(); }
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

bool knows(const ClassInfo& info, const std::string& argument) {
  const auto& refused = info.refused;
  return info.find(argument) != nullptr ||
         std::any_of(refused.begin(), refused.end(), [&](const auto& r) { return r.name == argument; });
}

void compare_class(const std::string& name, const Json& arguments, const Registry* registry, Coverage& coverage) {
  ++coverage.wanted;
  const ClassInfo* info = registry == nullptr ? nullptr : registry->find(name);
  if (info == nullptr) {
    coverage.missing.push_back(name);
    return;
  }
  if (!arguments.is_object() || !arguments.contains("args")) return;
  for (const auto& [argument, value] : arguments["args"].items())
    if (!knows(*info, argument)) coverage.missing_arguments.push_back(name + "." + argument);
}

Coverage compare_group(const std::string& group, const Json& classes, const std::set<std::string>& excluded) {
  Coverage coverage{group, 0, {}, {}};
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
          {"missing_arguments", coverage.missing_arguments}};
}

bool is_group(const std::string& key, const Json& value) {
  return (value.is_object() || value.is_array()) && key != "excluded" && key != "argument_rules";
}

}  // namespace

int run_coverage(const std::string& path, Output& output) {
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
  TextTable table({{"group"}, {"present", true}, {"of", true}, {"missing arguments", true}});
  Coverage total{"total", 0, {}, {}};
  Json entries = Json::array();
  for (const Coverage& group : groups) {
    table.add({group.group, std::to_string(group.present()), std::to_string(group.wanted),
               std::to_string(group.missing_arguments.size())});
    entries.push_back(to_json(group));
    total.wanted += group.wanted;
    total.missing.insert(total.missing.end(), group.missing.begin(), group.missing.end());
    total.missing_arguments.insert(total.missing_arguments.end(), group.missing_arguments.begin(),
                                   group.missing_arguments.end());
  }
  table.rule();
  table.add({"total", std::to_string(total.present()), std::to_string(total.wanted),
             std::to_string(total.missing_arguments.size())});
  output.line(table.text(output.terminal()));
  for (const Coverage& group : groups) {
    if (!group.missing.empty())
      output.line("\n" + output.paint(Colour::bold, "missing " + group.group + ": ") + joined(group.missing));
    if (!group.missing_arguments.empty())
      output.line(output.paint(Colour::bold, "missing arguments: ") + joined(group.missing_arguments));
  }
  const bool complete = total.missing.empty() && total.missing_arguments.empty();
  output.event("done",
               {{"complete", complete}, {"wanted", total.wanted}, {"present", total.present()}, {"groups", entries}});
  return complete ? kDone : kFailed;
}

}  // namespace trainyard::cli

#include <nlohmann/json.hpp>

#include "engine/data/mnist.h"
#include "engine/data/registry.h"
#include "native/cli/commands.h"
#include "native/cli/format.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : ", ") + value_text(item);
  return text;
}

/// {"label": "setosa", "count": 40} reads "setosa 40".
std::string entry_text(const Json& entry) {
  if (!entry.is_object()) return value_text(entry);
  std::string text;
  for (const auto& [key, value] : entry.items()) {
    const bool number = value.is_number_float();
    text += (text.empty() ? "" : " ") + (number ? key + " " + figure(value.get<double>()) : value_text(value));
  }
  return text;
}

}  // namespace

int run_data_list(Output& output) {
  TextTable table({{"name"}, {"what"}});
  Json sets = Json::array();
  for (const BuiltinDataset& set : builtin_datasets()) {
    table.add({std::string(set.name), std::string(set.description)});
    sets.push_back({{"name", set.name}, {"title", set.title}, {"description", set.description}});
  }
  const auto mnist = find_mnist();
  output.line(table.text(output.terminal()));
  output.line(
      "\nmnist is " +
      (mnist ? "at hand in " + *mnist : std::string("not on this machine yet; it is fetched when it is asked for")) +
      ".\nA CSV table, a folder of IDX files, or a folder of pictures by class does as well: --data PATH");
  output.event("done", {{"datasets", sets}, {"mnist", mnist ? Json(*mnist) : Json(nullptr)}});
  return kDone;
}

int run_data_info(const DataInfoArguments& arguments, Output& output) {
  DataArguments data = arguments.data;
  data.data = arguments.name;
  const auto device = make_device({});
  const Json info = dataset_info(load_data(data, nullptr, DataUser{}, *device, output).dataset);
  for (const auto& [key, value] : info.items()) {
    if (value.is_null() || (value.is_array() && value.empty()) || key == "notes") continue;
    const std::string head = output.paint(Colour::bold, key) + std::string(key.size() < 16 ? 16 - key.size() : 1, ' ');
    if (key == "bytes") {
      output.line(head + bytes_as_text(value.get<uint64_t>()));
    } else if (value.is_array() && value[0].is_object()) {
      output.line(head + entry_text(value[0]));
      for (size_t i = 1; i < value.size(); ++i) output.line(std::string(16, ' ') + entry_text(value[i]));
    } else {
      output.line(head + value_text(value));
    }
  }
  output.event("done", info);
  return kDone;
}

}  // namespace trainyard::cli

#include "engine/layers/operation_layer.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace trainyard {
namespace {

constexpr int kDeepest = 8;

/// Replaces connections by marks, which count on.
Json with_marks(const Json& value, size_t& next, int depth = 0) {
  if (value.is_object() && value.value("class_name", Json()) == "__keras_tensor__") return input_mark(next++);
  if (depth > kDeepest || !(value.is_array() || (value.is_object() && !value.contains("class_name")))) return value;
  Json result = value;
  for (Json& item : result) item = with_marks(item, next, depth + 1);
  return result;
}

size_t count_marks(const Json& value, int depth = 0) {
  if (marked_input(value) >= 0) return 1;
  size_t count = 0;
  if (depth <= kDeepest && value.is_structured())
    for (const Json& item : value) count += count_marks(item, depth + 1);
  return count;
}

/// Two of each, since what differs is what hangs on them; those that can be divided where the others cannot.
struct Pair {
  OpenSizes first, second;
};
constexpr Pair kPairs[] = {{{17, 23}, {19, 29}}, {{17, 2520}, {19, 5040}}, {{27720, 23}, {55440, 29}}};

/// Small ones, where a slice ends early (x[:, :10]).
constexpr int64_t kSmall[] = {2, 3, 4, 5, 6, 8, 10, 12, 16};

/// What differs between two runs is unknown in `outputs`. False where not even the ranks are the same.
bool forget_differences(std::vector<TensorSpec>& outputs, const std::vector<TensorSpec>& again) {
  if (outputs.size() != again.size()) return false;
  for (size_t o = 0; o < outputs.size(); ++o)
    if (outputs[o].shape.rank() != again[o].shape.rank()) return false;
  for (size_t o = 0; o < outputs.size(); ++o)
    for (int axis = 0; axis < outputs[o].shape.rank(); ++axis)
      if (outputs[o].shape[axis] != again[o].shape[axis]) outputs[o].shape[axis] = kUnknown;
  return true;
}

Shape with_sizes(const Shape& shape, const OpenSizes& sizes) {
  Shape result = shape;
  for (int axis = 0; axis < result.rank(); ++axis)
    if (result[axis] == kUnknown) result[axis] = axis == 0 ? sizes.batch : sizes.other;
  return result;
}

}  // namespace

OperationLayer::OperationLayer(const Operation& operation, std::string module, OperationArguments arguments,
                               size_t inputs)
    : operation_(operation), module_(std::move(module)), arguments_(std::move(arguments)), inputs_(inputs) {
  info_.class_name = std::string(operation.name);
  info_.family = "operations";
  info_.doc = "One of Keras's operations on tensors.";
  static constexpr ClassInfo::ArgType kType{
      [](ArgSpec&) {}, [](Declared&, const ClassInfo::Arg&, const Json&, const ParseContext&) {},
      [](const Declared& object, const ClassInfo::Arg& arg) {
        const auto& layer = static_cast<const OperationLayer&>(object);
        return arg.spec.name == "name" ? Json(layer.name) : layer.arguments_.config[arg.spec.name];
      }};
  std::vector<std::string> keys{"name"};
  for (const auto& [key, value] : arguments_.config.items()) keys.push_back(key);
  for (const std::string& key : keys) {
    ClassInfo::Arg& arg = info_.args.emplace_back();
    arg.spec.name = key;
    arg.spec.doc = "As the model's own file has it.";
    arg.type = &kType;
  }
}

std::vector<TensorSpec> OperationLayer::try_sizes(const BuildContext& context, const OpenSizes& sizes) const {
  Graph graph;
  std::vector<Value> inputs;
  for (int i = 0; i < context.input_count(); ++i)
    inputs.push_back(graph.input("x", {context.input(i).dtype, with_sizes(context.shape(i), sizes)}));
  std::vector<TensorSpec> outputs;
  for (const Value& value : operation_.lower(OperationCall(operation_, arguments_, inputs, context.dtype())))
    outputs.push_back({value.dtype(), value.shape()});
  return outputs;
}

std::vector<TensorSpec> OperationLayer::try_pair(const BuildContext& context, const OpenSizes& first,
                                                 const OpenSizes& second) const {
  std::vector<TensorSpec> outputs = try_sizes(context, first);
  if (!forget_differences(outputs, try_sizes(context, second)))
    throw UserError("operation.open_count", "", {{"class_name", info_.class_name}});
  const auto also = [&](const OpenSizes& sizes) {
    std::optional<std::vector<TensorSpec>> again;
    try {
      again = try_sizes(context, sizes);
    } catch (const UserError&) {  // a size that the operation cannot have
    }
    return !again || forget_differences(outputs, *again);
  };
  if (first.other != second.other && !also({first.batch, 1}))
    throw UserError("operation.open_count", "", {{"class_name", info_.class_name}});
  for (const int64_t small : kSmall) {
    if (first.other != second.other) also({first.batch, small});
    also({small, first.other});
  }
  return outputs;
}

void OperationLayer::build(BuildContext& context) const {
  std::vector<Pair> pairs(std::begin(kPairs), std::end(kPairs));
  // An unknown size that must be one of the known ones, for the operation to be possible, is taken to be that.
  for (int i = 0; i < context.input_count(); ++i)
    for (const int64_t size : context.shape(i))
      if (size > 1) pairs.push_back({{17, size}, {19, size}});
  Diagnostics problems;
  for (const Pair& pair : pairs) {
    try {
      for (TensorSpec& output : try_pair(context, pair.first, pair.second)) context.add_output(std::move(output));
      return;
    } catch (const UserError& error) {
      if (problems.items().empty()) problems.add_all(error.diagnostics());
    }
  }
  for (const Diagnostic& problem : problems.items()) context.error("", problem.code, problem.params);
}

void OperationLayer::call(CallContext& context) const {
  for (const Value& value : operation_.lower(OperationCall(operation_, arguments_, context.inputs(), dtype.dtype)))
    context.add_output(value);
}

std::unique_ptr<OperationLayer> parse_operation(const Json& entry, const ParseContext& context) {
  std::string name = entry["class_name"].get<std::string>();
  if (name.rfind(kOperationPrefix, 0) == 0) name.erase(0, std::string_view(kOperationPrefix).size());
  const auto refuse = [&]() -> std::unique_ptr<OperationLayer> {
    return context.error("class.operation", {{"class_name", name}}), nullptr;
  };
  const Operation* operation = find_operation(name);
  const Json nodes = entry.contains("inbound_nodes") ? entry["inbound_nodes"] : Json();
  if (operation == nullptr || !nodes.is_array() || nodes.size() != 1 || !nodes[0].is_object()) return refuse();
  const bool apart = entry.contains(kOperationCall) && entry[kOperationCall].is_object();
  const Json& call = apart ? entry[kOperationCall] : nodes[0];
  OperationArguments arguments;
  size_t inputs = 0;
  if (call.contains("args") && call["args"].is_array()) arguments.args = with_marks(call["args"], inputs);
  if (call.contains("kwargs") && call["kwargs"].is_object()) arguments.kwargs = with_marks(call["kwargs"], inputs);
  if (apart) inputs = count_marks(arguments.args) + count_marks(arguments.kwargs);
  if (entry.contains("config") && entry["config"].is_object()) arguments.config = entry["config"];
  Json own_name = arguments.config.value("name", entry.value("name", Json()));
  for (const char* key : {"name", "trainable"}) arguments.config.erase(key);
  // Layers' dtype, which operations are written with too; that of a Cast is an argument.
  if (operation->config.find("dtype") == std::string_view::npos) arguments.config.erase("dtype");
  if (inputs == 0) return refuse();
  if (const std::string unknown = arguments.unknown(*operation); !unknown.empty())
    return context.error("operation.unknown_argument", {{"class_name", name}, {"argument", unknown}}), nullptr;
  const Json module = entry.value("module", Json());
  auto layer = std::make_unique<OperationLayer>(
      *operation, module.is_string() ? module.get<std::string>() : "keras.ops", std::move(arguments), inputs);
  if (own_name.is_string()) layer->name = own_name.get<std::string>();
  return layer;
}

}  // namespace trainyard

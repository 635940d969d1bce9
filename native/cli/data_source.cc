#include "native/cli/data_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/known_terms.h"
#include "engine/api/training_data.h"
#include "engine/data/registry.h"

namespace trainyard::cli {
namespace {

bool is_builtin(const std::string& name) {
  const auto sets = builtin_datasets();
  return std::any_of(sets.begin(), sets.end(), [&](const BuiltinDataset& set) { return set.name == name; });
}

[[noreturn]] void conflict(const std::string& option, const std::string& data, const std::string& mend) {
  throw UserError("cli.conflict", option, {{"first", option}, {"second", "--data " + data}, {"mend", mend}});
}

/// Whether rows may stand in the order of their classes, so that they are mixed when they are loaded.
bool may_be_sorted(const std::string& name) { return name == "iris" || !(is_builtin(name) || is_tensor_set(name)); }

/// An option that would change nothing is a mistake, not a wish.
void check_companions(const DataArguments& arguments, const std::string& name) {
  const bool builtin = is_builtin(name);
  if (arguments.samples && name != "digits") conflict("--samples", name, "only digits are drawn in any number");
  if (arguments.target && builtin) conflict("--target", name, "only tables have a column to choose");
  if (arguments.test_split && !can_be_split(name)) conflict("--test-split", name, "it has a test part of its own");
  if (arguments.seed && name == "mnist") conflict("--data-seed", name, "nothing in it is drawn");
  if (arguments.keep_order && !may_be_sorted(name)) conflict("--keep-order", name, "it is taken in its order as it is");
}

/// Key of a request; where an older file does not have it, data kept their order.
constexpr const char* kShuffle = "shuffle";

/// The target that another table has to have; "" where a model says nothing of it.
std::string known_target(const DataUser& user, const std::string& name) {
  if (user.saved == nullptr || is_builtin(name) || is_tensor_set(name)) return "";
  const Preprocessing& known = user.saved->preprocessing;
  return known.features.empty() && known.text_columns.empty() ? "" : known.target;
}

void put_in_terms_of(Dataset& dataset, const DataUser& user) {
  const Json& training = user.saved->training;
  const Preprocessing& known = user.saved->preprocessing;
  const bool label_first = learns_label_first(training.is_object() ? training.value("setup", Json()) : Json());
  Diagnostics diagnostics;
  if (user.learns_anew)
    put_in_terms_if_alike(dataset, known, label_first);
  else
    put_in_terms(dataset, known, label_first, diagnostics);
  throw_if_errors(diagnostics);
}

Json request_of(const DataArguments& arguments, const Json& former, const DataUser& user) {
  Json request = former.is_object() ? former : Json::object();
  if (request.contains("name") && !request["name"].is_string())
    throw UserError("argument.type", "preprocessing.request.name",
                    {{"expected", "a text"}, {"value", request["name"].dump()}});
  if (!arguments.data.empty() && request.value("name", "") != arguments.data) request = Json::object();
  const bool fresh = request.empty();
  if (!arguments.data.empty()) request["name"] = arguments.data;
  if (fresh && may_be_sorted(arguments.data)) request[kShuffle] = true;
  if (arguments.keep_order || (arguments.no_shuffle && request.contains(kShuffle))) request[kShuffle] = false;
  if (arguments.samples) request["samples"] = *arguments.samples;
  if (arguments.seed) request["seed"] = *arguments.seed;
  if (arguments.target)
    request["target"] = *arguments.target;
  else if (const std::string target = known_target(user, arguments.data); fresh && !target.empty() && !user.learns_anew)
    request["target"] = target;
  if (arguments.test_split) request["test_split"] = *arguments.test_split;
  return request;
}

/// Reads a request, which may come from a file that someone else wrote.
DatasetOptions options_of(const Json& request) {
  DatasetOptions options;
  Diagnostics diagnostics;
  const ParseContext context(diagnostics, "data");
  const auto integer = [&](const char* key, int64_t& member, double least) {
    ArgSpec spec;
    spec.options.min = least;
    if (request.contains(key)) parse_integer(request[key], member, spec, context.child(key));
  };
  int64_t seed = 0;
  integer("seed", seed, 0);
  options.seed = static_cast<uint64_t>(seed);
  integer("samples", options.train_samples, 1);
  options.test_samples = std::clamp<int64_t>(options.train_samples / 6, 1'000, options.test_samples);
  ArgSpec share;
  share.options.min = 0;
  share.options.max = 1;
  share.options.below_max = true;
  if (request.contains("test_split"))
    parse_number(request["test_split"], options.test_split, share, context.child("test_split"));
  options.shuffle = false;
  if (request.contains(kShuffle))
    ArgTraits<bool>::parse(request[kShuffle], options.shuffle, {}, context.child(kShuffle));
  if (request.contains("target"))
    ArgTraits<std::string>::parse(request["target"], options.target, {}, context.child("target"));
  throw_if_errors(diagnostics);
  return options;
}

}  // namespace

bool can_be_split(const std::string& name) { return name == "iris" || !is_builtin(name); }

LoadedData load_data(const DataArguments& arguments, const Json& former, const DataUser& user, Device& device,
                     Output& output) {
  LoadedData loaded;
  loaded.request = request_of(arguments, former, user);
  const std::string name = loaded.request.value("name", "");
  check(!name.empty(), "a data set has been chosen");
  check_companions(arguments, name);
  DatasetOptions options = options_of(loaded.request);
  if (is_tensor_set(name)) {
    if (user.model == nullptr) throw UserError("data.tensors_need_model", name);
    if (arguments.target || arguments.targets_by_output)
      conflict("--target", name, "its tensors are named as the model's outputs");
    loaded.tensors = read_tensor_set(name, *user.model, {.test_split = options.test_split, .seed = options.seed});
    loaded.dataset = loaded.tensors->dataset;
    output.notes(loaded.dataset.notes);
    return loaded;
  }
  const Shape input = user.model == nullptr ? Shape{} : input_shape(*user.model, *user.plan);
  if (input.rank() == 3 && input.is_known() && (input[2] == 1 || input[2] == 3)) {
    options.height = input[0];
    options.width = input[1];
    options.channels = static_cast<int>(input[2]);
  }
  options.pool = &device.pool;
  options.report = [&](const std::string& message) {
    output.status(output.paint(Colour::dim, message + " ..."));
    output.event("data", {{"message", message}});
  };
  if (user.learns_anew && !loaded.request.contains("target")) options.usual_target = known_target(user, name);
  loaded.dataset = load_dataset(name, options);
  if (!options.usual_target.empty() && loaded.dataset.target == options.usual_target)
    loaded.request["target"] = options.usual_target;
  if (user.saved != nullptr) put_in_terms_of(loaded.dataset, user);
  output.status("");
  output.notes(loaded.dataset.notes);
  return loaded;
}

std::string data_for(const Model& model, const ModelPlan& plan) {
  std::string name = default_dataset(model, plan);
  if (name.empty()) throw UserError("model.no_default_data", "--data", {{"shape", input_shape(model, plan).text()}});
  return name;
}

Shape input_shape(const Model& model, const ModelPlan& plan) {
  if (model.inputs.empty()) return {};
  const TensorRef& ref = model.inputs.front();
  return plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)].shape.drop_front();
}

}  // namespace trainyard::cli

// Keras JSON -> Model.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/core/keras_object.h"
#include "engine/layers/dictionary_input.h"
#include "engine/layers/keras_history.h"
#include "engine/layers/model_layer.h"
#include "engine/layers/model_legacy.h"
#include "engine/layers/model_operations.h"
#include "engine/layers/operation_layer.h"

namespace trainyard {
namespace {

class Parser {
 public:
  /// `nested`: it may leave its input's shape open.
  Parser(Diagnostics& diagnostics, bool nested)
      : diagnostics_(diagnostics), nested_(nested), model_(std::make_unique<Model>()) {}

  std::unique_ptr<Model> parse(const Json& json) {
    const ParseContext root(diagnostics_, "");
    const Json* config = &json;
    std::string class_name = "Sequential";
    if (json.is_object() && json.contains("class_name") && json["class_name"].is_string()) {
      class_name = json["class_name"].get<std::string>();
      if (!json.contains("config")) return root.child("config").error("argument.missing"), nullptr;
      config = &json["config"];
    } else if (json.is_object() && json.contains("input_layers")) {
      class_name = "Functional";
    }
    if (class_name != "Sequential" && class_name != "Functional" && class_name != "Model")
      return root.child("class_name").error("class.unknown", {{"class_name", class_name}, {"group", "models"}}),
             nullptr;
    // Keras 1 and 2.0 wrote a Sequential's config as the bare list of layers.
    const Json& list = config->is_array()                                  ? *config
                       : config->is_object() && config->contains("layers") ? (*config)["layers"]
                                                                           : Json();
    if (!list.is_array()) return root.child("layers").expected("a list of layers", list), nullptr;
    if (list.empty()) return root.child("layers").error("model.empty"), nullptr;
    if (list.size() > kMostLayers)
      return root.child("layers").error("model.too_many_layers", {{"limit", std::to_string(kMostLayers)}}), nullptr;
    model_->name = config->is_object() && config->contains("name") && (*config)["name"].is_string()
                       ? (*config)["name"].get<std::string>()
                       : snake_case(class_name);
    model_->sequential = class_name == "Sequential";
    if (config->is_object() && config->contains("trainable") && (*config)["trainable"].is_boolean())
      model_->trainable = (*config)["trainable"].get<bool>();
    if (config->is_object() && config->contains("dtype"))
      ArgTraits<DTypePolicy>::parse((*config)["dtype"], model_->dtype, {}, root.child("dtype"));
    if (json.is_object() && json.contains("compile_config")) model_->compile_config = json["compile_config"];
    if (model_->sequential)
      parse_sequential(list, *config);
    else
      parse_functional(list, *config);
    return all_known_ ? std::move(model_) : nullptr;
  }

 private:
  /// The layer of an entry; the object is kept even when arguments are wrong, but is then not usable.
  int parse_layer(Json& entry, const std::string& path) {
    std::string id =
        entry.is_object() && entry.contains("id") && entry["id"].is_string() ? entry["id"].get<std::string>() : "";
    const ParseContext context = ParseContext(diagnostics_, path).at_node(id);
    if (!entry.is_object() || !entry.contains("class_name") || !entry["class_name"].is_string()) {
      context.expected("an object with class_name and config", entry);
      all_known_ = false;
      return -1;
    }
    const bool maskless = is_operation(entry) || entry.value("maskless", Json()) == Json(true);
    if (is_operation(entry)) {
      Json layer = layer_for_operation(entry);
      if (layer.is_null()) return place({parse_operation(entry, context), true}, std::move(id), path, context);
      entry = std::move(layer);
    }
    modernize(entry);
    const std::string class_name = entry["class_name"].get<std::string>();
    if (is_custom_class(entry)) {
      context.error("class.custom", {{"class_name", class_name}});
      all_known_ = false;
      return -1;
    }
    if (is_model_class(class_name)) return place(parse_nested(entry, context), std::move(id), path, context);
    const ClassInfo* info = Layer::registry().find(class_name);
    if (info == nullptr) {
      context.error("class.unknown", {{"class_name", class_name}, {"group", "layers"}});
      all_known_ = false;
      return -1;
    }
    Json config = entry.contains("config") ? entry["config"] : Json::object();
    if (config.is_object() && !config.contains("name") && entry.contains("name")) config["name"] = entry["name"];
    std::unique_ptr<Declared> object = info->make();
    const size_t before = diagnostics_.items().size();
    parse_config(*object, config, context);
    std::unique_ptr<Layer> layer(static_cast<Layer*>(object.release()));
    const int number = place({std::move(layer), diagnostics_.items().size() == before}, std::move(id), path, context);
    if (number >= 0) model_->layers.back().maskless = maskless;
    return number;
  }

  struct Parsed {
    std::unique_ptr<Layer> layer;
    bool usable = false;
  };

  Parsed parse_nested(const Json& entry, const ParseContext& context) {
    std::unique_ptr<NestedModel> model = parse_model_layer(entry, context);
    if (model == nullptr) return {};
    const bool named = entry.contains("config") && entry["config"].is_object() && entry["config"].contains("name");
    const bool labelled = entry.contains("name") && entry["name"].is_string();
    if (!named) model->name = labelled ? entry["name"].get<std::string>() : free_name(model->name);
    return {std::move(model), true};
  }

  /// Makes it the model's next layer; -1 where there is none.
  int place(Parsed parsed, std::string id, const std::string& path, const ParseContext& context) {
    if (parsed.layer == nullptr) {
      all_known_ = false;
      return -1;
    }
    std::unique_ptr<Layer> layer = std::move(parsed.layer);
    const size_t before = diagnostics_.items().size();
    if (layer->name.empty()) layer->name = free_name(snake_case(layer->info().class_name));
    if (!names_.emplace(layer->name, static_cast<int>(model_->layers.size())).second)
      context.child("name").error("model.duplicate_name", {{"name", layer->name}});
    const bool usable = parsed.usable && diagnostics_.items().size() == before;
    model_->layers.push_back({std::move(layer), std::move(id), path, usable});
    return static_cast<int>(model_->layers.size()) - 1;
  }

  std::string free_name(const std::string& base) const {
    std::string name = base;
    for (int n = 1; names_.count(name) != 0; ++n) name = base + "_" + std::to_string(n);
    return name;
  }

  int add_node(int layer, std::vector<TensorRef> inputs, Json arguments = Json::object()) {
    model_->nodes.push_back({layer, std::move(inputs), std::move(arguments)});
    return static_cast<int>(model_->nodes.size()) - 1;
  }

  // ---------------------------------------------------------------- Sequential

  /// The input's shape without the batch where a layer's arguments say it: Dense(3, input_shape=(4,)).
  static Json sample_shape(const Json& config) {
    if (!config.is_object()) return nullptr;
    if (config.contains("input_shape")) return unwrapped(config["input_shape"]);
    if (!config.contains("input_dim") || config.contains("output_dim")) return nullptr;  // an Embedding's is another
    return Json::array({config["input_dim"]});
  }

  /// The input's shape, wherever this age of Keras wrote it; null when nowhere.
  static Json sequential_input(const Json& list, const Json& config) {
    const Json first = list[0].is_object() && list[0].contains("config") ? list[0]["config"] : Json();
    if (first.is_object())
      for (const char* key : {"batch_input_shape", "batch_shape"})
        if (first.contains(key)) return unwrapped(first[key]);
    if (Json sample = sample_shape(first); sample.is_array()) {
      sample.insert(sample.begin(), nullptr);
      return sample;
    }
    if (config.is_object() && config.contains("build_input_shape"))
      if (Json shape = unwrapped(config["build_input_shape"]); shape.is_array()) return shape;
    if (list[0].is_object() && list[0].contains("build_config") && list[0]["build_config"].is_object() &&
        list[0]["build_config"].contains("input_shape"))
      return list[0]["build_config"]["input_shape"];
    return nullptr;
  }

  void parse_sequential(const Json& list, const Json& config) {
    const bool has_input = list[0].is_object() && list[0].value("class_name", Json()) == "InputLayer";
    int previous = -1;
    if (!has_input) {
      Json shape = sequential_input(list, config);
      if (!shape.is_array() && nested_) {
        model_->open_input = true;
        shape = Json::array({nullptr});
      }
      if (!shape.is_array()) {
        ParseContext(diagnostics_, "layers[0]").error("model.no_input_shape");
        all_known_ = false;
        return;
      }
      Json input = {{"class_name", "InputLayer"}, {"config", {{"batch_shape", shape}}}};
      const int layer = parse_layer(input, "layers[0]");
      if (layer >= 0) previous = add_node(layer, {});
    }
    for (size_t i = 0; i < list.size(); ++i) {
      Json entry = list[i];
      const int layer = parse_layer(entry, "layers[" + std::to_string(i) + "]");
      if (layer < 0) continue;
      previous = add_node(layer, previous < 0 ? std::vector<TensorRef>{} : std::vector<TensorRef>{{previous, 0}});
    }
    if (model_->nodes.empty()) return;
    model_->inputs = {{0, 0}};
    model_->outputs = {{previous, 0}};
  }

  // ---------------------------------------------------------------- Functional

  struct Call {
    int layer;
    int64_t number;  // of the layer's calls
    std::vector<Link> links;
    std::string path;
    std::string id;
    Json arguments = Json::object();
    std::vector<ModelNode::Keyword> keywords = {};
    bool old = false;  // written by Keras 2
  };

  void parse_functional(const Json& list, const Json& config) {
    std::vector<Call> calls;
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string path = "layers[" + std::to_string(i) + "]";
      Json entry = list[i];
      const int layer = parse_layer(entry, path);
      if (layer >= 0) read_calls(entry, layer, path, calls);
    }
    if (!all_known_) return;
    count_calls_from_zero(calls);
    order_calls(calls);
    model_->inputs = read_ends(config, "input_layers");
    model_->outputs = read_ends(config, "output_layers");
    if (config.contains("input_layers") && config["input_layers"].is_object())
      model_->input_dictionary = config["input_layers"];
    if (config.contains("output_layers") && config["output_layers"].is_object())
      model_->output_dictionary = config["output_layers"];
    if (model_->outputs.empty() && !diagnostics_.has_errors())
      ParseContext(diagnostics_, "output_layers").error("argument.missing");
    check_inputs();
  }

  /// What the model computes begins with its input_layers.
  void check_inputs() {
    for (size_t n = 0; n < model_->nodes.size(); ++n) {
      const TensorRef place{static_cast<int>(n), 0};
      const ModelNode& node = model_->nodes[n];
      const ModelLayer& entry = model_->layers[static_cast<size_t>(node.layer)];
      const bool listed = std::find(model_->inputs.begin(), model_->inputs.end(), place) != model_->inputs.end();
      const bool is_input = entry.layer->info().class_name == "InputLayer";
      const ParseContext context = ParseContext(diagnostics_, entry.path).at_node(entry.id);
      if (is_input && !listed && is_used(place)) context.error("model.input_unlisted", {{"layer", entry.layer->name}});
      if (!is_input && listed)
        ParseContext(diagnostics_, "input_layers").error("model.input_class", {{"layer", entry.layer->name}});
    }
  }

  bool is_used(const TensorRef& place) const {
    const auto reads = [&](const std::vector<TensorRef>& refs) {
      return std::any_of(refs.begin(), refs.end(), [&](const TensorRef& ref) { return ref.node == place.node; });
    };
    return reads(model_->outputs) || std::any_of(model_->nodes.begin(), model_->nodes.end(),
                                                 [&](const ModelNode& node) { return reads(node.inputs); });
  }

  void read_calls(const Json& entry, int layer, const std::string& path, std::vector<Call>& calls) {
    const Json nodes = entry.contains("inbound_nodes") ? entry["inbound_nodes"] : Json::array();
    const std::string& id = model_->layers[static_cast<size_t>(layer)].id;
    const ParseContext context = ParseContext(diagnostics_, path + ".inbound_nodes").at_node(id);
    if (!nodes.is_array()) return context.expected("a list", nodes);
    if (nodes.empty()) calls.push_back({layer, 0, {}, path, id, Json::object()});
    for (size_t n = 0; n < nodes.size(); ++n) {
      Call call{layer, static_cast<int64_t>(n), {}, path, id, Json::object()};
      call.old = !nodes[n].is_object();
      const Json node = call.old ? keras3_call(nodes[n], context.item(n)) : nodes[n];
      read_call(node, *model_->layers[static_cast<size_t>(layer)].layer, call, context.item(n));
      calls.push_back(std::move(call));
    }
  }

  /// All tensors, wherever they stand; what else the call has, the layer knows.
  static void collect_everywhere(const Json& json, std::vector<Link>& links, int depth = 0) {
    if (is_keras_tensor(json)) return links.push_back(link_of(json["config"]["keras_history"]));
    if (depth > kDeepestArguments || !(json.is_array() || (json.is_object() && !json.contains("class_name")))) return;
    for (const Json& item : json) collect_everywhere(item, links, depth + 1);
  }

  static void read_call(const Json& node, const Layer& layer, Call& call, const ParseContext& context) {
    if (dynamic_cast<const OperationLayer*>(&layer) != nullptr) {
      if (node.contains("args")) collect_everywhere(node["args"], call.links);
      if (node.contains("kwargs")) collect_everywhere(node["kwargs"], call.links);
      return;
    }
    if (node.contains("args")) read_positional(node["args"], layer, call);
    if (node.contains("args")) read_dictionaries(node["args"], layer, call, context.child("args"));
    if (!node.contains("kwargs") || !node["kwargs"].is_object()) return;
    call.arguments = node["kwargs"];
    read_first_by_name(layer, call);
    std::vector<std::string> names = layer.input_names();
    for (std::string& name : layer.tensor_arguments()) names.push_back(std::move(name));
    for (const std::string& name : names) {
      if (!call.arguments.contains(name)) continue;
      const Json& given = call.arguments[name];
      if (!read_keyword(name, given, call)) continue;
      ModelNode::Keyword& keyword = call.keywords.back();
      if (given.is_array() && static_cast<size_t>(keyword.count) != given.size() && !read_gaps(given, keyword))
        context.child("kwargs").child(name).error("model.call_argument");
      call.arguments.erase(name);
    }
    const std::vector<std::string> known = layer.call_arguments();
    for (const auto& [name, value] : call.arguments.items()) {
      const bool idle = says_nothing(value) || value == Json(false) || (name == "training" && value.is_boolean());
      if (idle || (value == Json(true) && std::find(known.begin(), known.end(), name) != known.end())) continue;
      context.child("kwargs").child(name).error("model.call_argument");
    }
  }

  /// Dense(3)(inputs=x): the first argument by the name that Keras's layers have for it.
  static void read_first_by_name(const Layer& layer, Call& call) {
    if (!call.links.empty() || !layer.input_names().empty()) return;
    for (const char* name : {"inputs", "sequences", "x"})
      if (call.arguments.contains(name)) {
        read_positional(Json::array({call.arguments[name]}), layer, call);
        if (!call.links.empty()) return void(call.arguments.erase(name));
      }
  }

  /// None, or a list of nothing else: the masks of inputs that carry none.
  static bool says_nothing(const Json& value) {
    return value.is_null() ||
           (value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_null(); }));
  }

  /// [None, mask]: only masks may have gaps.
  static bool read_gaps(const Json& list, ModelNode::Keyword& keyword) {
    for (size_t i = 0; i < list.size(); ++i)
      if (is_keras_tensor(list[i]))
        keyword.places.push_back(static_cast<int>(i));
      else if (!list[i].is_null())
        return false;
    keyword.slots = static_cast<int>(list.size());
    return keyword.name == "mask" && static_cast<int>(keyword.places.size()) == keyword.count;
  }

  /// A dictionary among the positional arguments (or in a list there).
  static void read_dictionaries(const Json& args, const Layer& layer, Call& call, const ParseContext& context,
                                int depth = 0) {
    if (!args.is_array() || depth > kDeepestArguments) return;
    for (size_t i = 0; i < args.size(); ++i) {
      if (args[i].is_object() && !args[i].contains("class_name")) {
        const std::vector<std::string> known = dictionary_entries(layer);
        if (known.empty()) return context.error("model.dictionary", {{"class_name", layer.info().class_name}});
        read_entries(args[i], "", known, call, context.item(i));
      } else {
        read_dictionaries(args[i], layer, call, context.item(i), depth + 1);
      }
    }
  }

  /// Each entry is an input of its own (dictionary_input.h), those that the layer does not know too; only its own
  /// dictionaries within the dictionary hold no others. `prefix`: of a dictionary within the dictionary.
  static void read_entries(const Json& dictionary, const std::string& prefix, const std::vector<std::string>& known,
                           Call& call, const ParseContext& context, int depth = 0) {
    for (const std::string& key : sorted_keys(dictionary)) {
      const Json& value = dictionary[key];
      const std::string name = prefix + key;
      const bool own = begins_entry(known, prefix) && !prefix.empty();
      if (value.is_null()) continue;
      if (key.empty() || key.find('.') != std::string::npos || depth > kDeepestArguments)
        context.child(key).error("model.dictionary_key", {{"entry", name}});
      else if (value.is_object() && !is_keras_tensor(value) && !own && !is_known(known, name))
        read_entries(value, name + ".", known, call, context.child(key), depth + 1);
      else if (own && !is_known(known, name))
        context.child(key).error("model.dictionary_entry", {{"entry", name}, {"known", joined(known)}});
      else if (!is_keras_tensor(value) || begins_entry(known, name + "."))
        context.child(key).expected(is_keras_tensor(value) ? "a dictionary" : "a tensor", value);
      else
        read_keyword(name, value, call);
    }
  }

  static bool is_known(const std::vector<std::string>& known, const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  }

  /// "bounding_boxes.": known entries stand in such a dictionary.
  static bool begins_entry(const std::vector<std::string>& known, const std::string& prefix) {
    return std::any_of(known.begin(), known.end(),
                       [&](const std::string& entry) { return entry.rfind(prefix, 0) == 0; });
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  /// False when the value holds no tensors.
  static bool read_keyword(const std::string& name, const Json& value, Call& call) {
    const size_t before = call.links.size();
    collect_tensors(value, call.links);
    if (call.links.size() == before) return false;
    call.keywords.push_back({name, static_cast<int>(call.links.size() - before), value.is_array()});
    return true;
  }

  /// Behind a gap (a None) tensors go on by name, where the layer's inputs have names.
  static void read_positional(const Json& args, const Layer& layer, Call& call) {
    const std::vector<std::string> names = layer.input_names();
    if (names.empty() || !args.is_array()) return collect_tensors(args, call.links);
    bool gap = false;
    for (size_t i = 0; i < args.size(); ++i) {
      if (gap && i < names.size())
        read_keyword(names[i], args[i], call);
      else
        collect_tensors(args[i], call.links);
      gap = gap || args[i].is_null();
    }
  }

  /// [["name", node, tensor, {kwargs}], ...], or a single such list -> {args, kwargs}.
  static Json keras3_call(const Json& node, const ParseContext& context) {
    Json args = Json::array();
    Json kwargs = Json::object();
    const Json entries = is_history(node) ? Json::array({node}) : node;
    if (!entries.is_array()) context.expected("a list of [layer, node, tensor]", entries);
    for (size_t i = 0; entries.is_array() && i < entries.size(); ++i) {
      if (!is_history(entries[i])) {
        context.expected("[layer, node, tensor]", entries[i]);
        break;
      }
      args.push_back(tensor_of(entries[i]));
      if (entries[i].size() == 4 && entries[i][3].is_object())
        for (const auto& [name, value] : entries[i][3].items()) kwargs[name] = with_tensors(value);
    }
    return {{"args", std::move(args)}, {"kwargs", std::move(kwargs)}};
  }

  /// The model that a link leads to, or null where that is a layer.
  const NestedModel* model_of(const Link& link) const {
    const auto found = names_.find(link.layer);
    if (found == names_.end()) return nullptr;
    return dynamic_cast<const NestedModel*>(model_->layers[static_cast<size_t>(found->second)].layer.get());
  }

  /// Keras 2 counts the making of a model as its first call, so no link leads to call 0.
  void count_calls_from_zero(std::vector<Call>& calls) {
    std::vector<Link*> links;
    for (Call& call : calls) {
      written_by_keras2_ = written_by_keras2_ || call.old;
      for (Link& link : call.links)
        if (call.old && model_of(link) != nullptr) links.push_back(&link);
    }
    count_from_zero(links);
  }

  static void count_from_zero(const std::vector<Link*>& links) {
    std::set<std::string> from_zero;
    for (const Link* link : links)
      if (link->node == 0) from_zero.insert(link->layer);
    for (Link* link : links)
      if (from_zero.count(link->layer) == 0) --link->node;
  }

  /// Puts calls into an order that can be computed; what is left then is a cycle or hangs on something unknown.
  void order_calls(std::vector<Call>& calls) {
    std::vector<char> done(calls.size(), 0);
    for (bool progress = true; progress;) {
      progress = false;
      for (size_t c = 0; c < calls.size(); ++c) {
        if (done[c] != 0 || !all_placed(calls[c])) continue;
        std::vector<TensorRef> inputs;
        for (const Link& link : calls[c].links)
          inputs.push_back({placed_[{link.layer, link.node}], static_cast<int>(link.tensor)});
        const std::string& name = model_->layers[static_cast<size_t>(calls[c].layer)].layer->name;
        placed_[{name, calls[c].number}] = add_node(calls[c].layer, std::move(inputs), std::move(calls[c].arguments));
        model_->nodes.back().keywords = std::move(calls[c].keywords);
        done[c] = 1;
        progress = true;
      }
    }
    for (size_t c = 0; c < calls.size(); ++c)
      if (done[c] == 0) report_unplaced(calls[c], calls);
  }

  bool all_placed(const Call& call) const {
    return std::all_of(call.links.begin(), call.links.end(), [&](const Link& link) {
      return placed_.count({link.layer, link.node}) != 0;
    });
  }

  void report_unplaced(const Call& call, const std::vector<Call>& calls) {
    const ParseContext context = ParseContext(diagnostics_, call.path).at_node(call.id);
    for (const Link& link : call.links) {
      if (names_.count(link.layer) == 0)
        return context.child("inbound_nodes").error("model.unknown_connection", {{"layer", link.layer}});
      const bool exists = std::any_of(calls.begin(), calls.end(), [&](const Call& other) {
        return other.number == link.node && model_->layers[static_cast<size_t>(other.layer)].layer->name == link.layer;
      });
      if (!exists) return context.child("inbound_nodes").error("model.unknown_connection", {{"layer", called(link)}});
    }
    if (in_cycle(call, calls))
      context.error("model.cycle", {{"layer", model_->layers[static_cast<size_t>(call.layer)].layer->name}});
  }

  /// Follows connections back; true when the call is reached again. Calls that only hang on a cycle stay unreported.
  bool in_cycle(const Call& start, const std::vector<Call>& calls) const {
    std::set<const Call*> seen;
    std::vector<const Call*> open{&start};
    while (!open.empty()) {
      const Call* call = open.back();
      open.pop_back();
      for (const Link& link : call->links)
        for (const Call& other : calls) {
          if (other.number != link.node || model_->layers[static_cast<size_t>(other.layer)].layer->name != link.layer)
            continue;
          if (&other == &start) return true;
          if (seen.insert(&other).second) open.push_back(&other);
        }
    }
    return false;
  }

  /// input_layers, output_layers: one triple, a list of them, or an object of them, which may hold more such.
  std::vector<TensorRef> read_ends(const Json& config, const char* key) {
    std::vector<TensorRef> ends;
    if (!config.contains(key)) {
      ParseContext(diagnostics_, key).error("argument.missing");
      return ends;
    }
    const ParseContext context(diagnostics_, key);
    const Json& json = config[key];
    if (!json.is_array() && !json.is_object())
      return context.expected("[layer, node, tensor] or a list of them", json), ends;
    std::vector<Link> links;
    collect_ends(json, links, context);
    // All ages of Keras count the making of a Functional model here, Keras 2 that of a Sequential one too.
    std::vector<Link*> counted;
    for (Link& link : links)
      if (const NestedModel* model = model_of(link))
        if (written_by_keras2_ || model->info().class_name == "Functional") counted.push_back(&link);
    count_from_zero(counted);
    for (const Link& link : links) {
      const auto found = placed_.find({link.layer, link.node});
      if (found != placed_.end())
        ends.push_back({found->second, static_cast<int>(link.tensor)});
      else if (!diagnostics_.has_errors())
        context.error("model.unknown_connection", {{"layer", called(link)}});
    }
    return ends;
  }

  /// Which layer, and where that is not the matter, which of its calls.
  std::string called(const Link& link) const {
    return names_.count(link.layer) == 0 ? link.layer : link.layer + " (call " + std::to_string(link.node) + ")";
  }

  /// In the order of keras.tree.flatten, which is that of sorted names.
  static void collect_ends(const Json& json, std::vector<Link>& links, const ParseContext& context, int depth = 0) {
    if (!is_history(json)) {
      const bool holds_more = json.is_object() || (json.is_array() && (json.empty() || json.front().is_structured()));
      if (!holds_more || depth > kDeepestArguments) return context.expected("[layer, node, tensor]", json);
      if (json.is_array())
        for (const Json& entry : json) collect_ends(entry, links, context, depth + 1);
      else
        for (const std::string& key : sorted_keys(json)) collect_ends(json[key], links, context, depth + 1);
      return;
    }
    links.push_back(link_of(json));
  }

  Diagnostics& diagnostics_;
  bool nested_;
  std::unique_ptr<Model> model_;
  std::map<std::string, int> names_;
  std::map<std::pair<std::string, int64_t>, int> placed_;
  bool all_known_ = true;
  bool written_by_keras2_ = false;
};

}  // namespace

std::unique_ptr<Model> parse_model(const Json& json, Diagnostics& diagnostics) {
  return Parser(diagnostics, false).parse(json);
}

std::unique_ptr<Model> parse_nested_model(const Json& json, Diagnostics& diagnostics) {
  return Parser(diagnostics, true).parse(json);
}

}  // namespace trainyard

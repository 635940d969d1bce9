#include "engine/train/setup.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/layers/text_inputs.h"
#include "engine/train/index_ranges.h"
#include "engine/train/setup_forms.h"

namespace trainyard {
namespace {

const Json kNull = nullptr;

/// The part of `json` for output `o`: one for all, a list by output, or an object by name. An object with "class_name" is one for all.
const Json& for_output(const Json& json, size_t o, const std::vector<std::string>& names, bool list_is_one) {
  if (json.is_array() && !(list_is_one && names.size() == 1)) return o < json.size() ? json[o] : kNull;
  if (json.is_object() && !json.contains("class_name")) return json.contains(names[o]) ? json[names[o]] : kNull;
  return json;
}

std::string metric_label(const Json& json, const Metric& metric) {
  return json.is_string() ? json.get<std::string>() : metric.name;
}

bool is_by_name(const Json& json) { return json.is_object() && !json.contains("class_name"); }

/// Where a complaint of an output's part belongs: at its name where it was given by name.
ParseContext context_of(const Json& json, const std::string& output, const ParseContext& context) {
  return is_by_name(json) ? context.child(output) : context;
}

/// Of any number of samples, even where an Input says how many come at a time.
Shape output_shape(const Model& model, const ModelPlan& plan, size_t o) {
  const TensorRef& ref = model.outputs[o];
  const Shape& shape = plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)].shape;
  return shape.rank() == 0 ? shape : shape.drop_front().with_front(kUnknown);
}

/// A second metric of one name gets a number, as in Keras: "accuracy_1"; one with weights says so: "weighted_accuracy".
std::string free_label(const OutputSetup& output, std::string name, bool weighted) {
  const auto taken = [&](const std::string& label) {
    return std::any_of(output.metrics.begin(), output.metrics.end(),
                       [&](const LabelledMetric& metric) { return metric.label == label; });
  };
  if (weighted && taken(name)) name = "weighted_" + name;
  std::string label = name;
  for (int n = 1; taken(label); ++n) label = name + "_" + std::to_string(n);
  return label;
}

void parse_metrics(const Json& json, const Tensor& y, const Shape& y_pred, bool weighted, const ParseContext& context,
                   OutputSetup& output) {
  const Json list = json.is_null() ? Json::array() : json.is_array() ? json : Json::array({json});
  for (size_t m = 0; m < list.size(); ++m) {
    const auto metric = parse_metric(list[m], y.shape(), y_pred, context.item(m));
    if (metric != nullptr)
      output.metrics.push_back({free_label(output, metric_label(list[m], *metric), weighted), metric, weighted});
  }
}

/// Null where the output has none.
std::shared_ptr<const Loss> parse_output_loss(const Json& json, const ParseContext& context) {
  if (json.is_null() || (json.is_array() && json.empty())) return nullptr;
  return parse_loss(json.is_array() ? json[0] : json, context);
}

/// Of one output; a mistake that for_output would pass over is none.
double parse_loss_weight(const Json& json, const ParseContext& context) {
  if (json.is_null()) return 1;
  double weight = 1;
  parse_number(json, weight, {}, context);
  return weight;
}

/// `several_allowed`: of one output there may be a list, as of metrics.
void check_names(const Json& json, const std::vector<std::string>& names, bool several_allowed,
                 const ParseContext& context) {
  const bool one_list = names.size() == 1 && several_allowed;
  if (json.is_array() && !json.empty() && !one_list && json.size() != names.size())
    context.expected(names.size() == 1
                         ? "one entry for the model's only output"
                         : "one entry for each of the model's " + std::to_string(names.size()) + " outputs",
                     json);
  if (!json.is_object() || json.contains("class_name")) return;
  for (const auto& [name, value] : json.items())
    if (std::find(names.begin(), names.end(), name) == names.end())
      context.error("setup.unknown_output", {{"name", name}});
}

/// Place and value of the first label outside [0, classes) that is not the ignored one, or nothing.
std::optional<std::pair<int64_t, double>> bad_label(const Tensor& y, int64_t classes, std::optional<int64_t> ignored) {
  const TensorView view = y.view();
  for (int64_t i = 0; i < y.elements(); ++i) {
    const double label = element_as_double(view, i);
    if (ignored && label == static_cast<double>(*ignored)) continue;
    if (!(label >= 0 && label < static_cast<double>(classes)) ||
        label != static_cast<double>(static_cast<int64_t>(label)))
      return std::pair{i, label};
  }
  return std::nullopt;
}

bool is_whole(double number) { return std::abs(number) < 1e15 && number == std::floor(number); }

std::string number_text(double number) {
  if (is_whole(number)) return std::to_string(static_cast<int64_t>(number));
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

void check_target(const Tensor& y, const OutputSetup& output, const Shape& shape, const ParseContext& context) {
  if (!output.loss->accepts(y.shape(), shape, context) || !output.loss->sparse_labels()) return;
  const int64_t classes = classes_last(*output.loss, shape).back();
  const auto bad = bad_label(y, classes, output.loss->ignored_class());
  if (!bad) return;
  if (std::isfinite(bad->second) && !is_whole(bad->second))
    return context.error("loss.fractions",
                         {{"loss", output.loss->info().class_name}, {"value", number_text(bad->second)}});
  const int64_t row = bad->first * y.shape().front() / y.elements();
  context.error("data.label_range", {{"label", number_text(bad->second)},
                                     {"row", std::to_string(row)},
                                     {"classes", std::to_string(classes)},
                                     {"output", output.name}});
}

/// Equal but for what is open in `wanted`.
bool sizes_fit(const Shape& got, const Shape& wanted) {
  bool fits = got.rank() == wanted.rank();
  for (int axis = 0; fits && axis < wanted.rank(); ++axis) fits = wanted[axis] == kUnknown || got[axis] == wanted[axis];
  return fits;
}

/// The plan with the sizes of the data in place of those that the model leaves open; complains where they do not fit its
/// layers. The same plan where none is open.
ModelPlan sized_plan(const Samples& samples, const Model& model, const ModelPlan& plan, Diagnostics& diagnostics) {
  const std::vector<GraphInput> inputs = graph_inputs(model, plan);
  std::vector<TensorSpec> specs;
  for (const TensorRef& ref : model.inputs) {
    const auto& outputs = plan.node_outputs[static_cast<size_t>(ref.node)];
    if (outputs.empty()) return plan;
    specs.push_back(outputs.front());
  }
  bool open = false;
  for (size_t i = 0; i < inputs.size(); ++i)
    for (size_t m = 0; m < specs.size(); ++m) {
      if (inputs[i].reading || inputs[i].node != model.inputs[m].node) continue;
      if (specs[m].shape.rank() == 0 || specs[m].shape.drop_front().is_known()) continue;
      specs[m].shape = samples.x[i].shape().drop_front().with_front(specs[m].shape.front());
      open = true;
    }
  return open ? plan_model(model, diagnostics, specs) : plan;
}

}  // namespace

std::vector<std::string> output_names(const Model& model) {
  std::vector<std::string> names;
  for (const TensorRef& ref : model.outputs) {
    const int layer = model.nodes[static_cast<size_t>(ref.node)].layer;
    names.push_back(model.layers[static_cast<size_t>(layer)].layer->name);
  }
  return names;
}

TrainingSetup parse_setup(const Json& given, const Model& model, const ModelPlan& plan, const std::vector<Tensor>& y,
                          Diagnostics& diagnostics) {
  TrainingSetup setup;
  setup.json = given;
  const ParseContext root(diagnostics, "");
  if (!given.is_object()) {
    root.expected("an object with optimizer, loss and metrics", given);
    return setup;
  }
  const Json json = plain_setup(given, model, output_names(model));
  const auto part = [&](const char* name) -> const Json& { return json.contains(name) ? json[name] : kNull; };
  const Json optimizer = part("optimizer").is_null() ? Json("rmsprop") : part("optimizer");
  setup.optimizer = std::static_pointer_cast<const Optimizer>(
      std::shared_ptr<Declared>(Optimizer::registry().parse(optimizer, root.child("optimizer"))));
  const std::vector<std::string> names = output_names(model);
  check_names(part("loss"), names, false, root.child("loss"));
  check_names(part("metrics"), names, true, root.child("metrics"));
  check_names(part("weighted_metrics"), names, true, root.child("weighted_metrics"));
  check_names(part("loss_weights"), names, false, root.child("loss_weights"));
  bool any = false;
  for (size_t o = 0; o < names.size(); ++o) {
    const auto at = [&](const char* key) { return context_of(part(key), names[o], root.child(key)); };
    OutputSetup output{names[o], nullptr, 1, {}};
    output.loss = parse_output_loss(for_output(part("loss"), o, names, true), at("loss"));
    any |= output.loss != nullptr;
    if (output.loss != nullptr) axes_exist(*output.loss, output_shape(model, plan, o), at("loss"));
    output.loss_weight = parse_loss_weight(for_output(part("loss_weights"), o, names, false), at("loss_weights"));
    for (const bool weighted : {false, true}) {
      const char* key = weighted ? "weighted_metrics" : "metrics";
      const Json& metrics = for_output(part(key), o, names, true);
      if (o < y.size() && !y[o].empty())
        parse_metrics(metrics, y[o], output_shape(model, plan, o), weighted, at(key), output);
      else if (!y.empty() && is_by_name(part(key)) && !metrics.empty() && !diagnostics.has_errors())
        at(key).error("data.target_missing", {{"output", names[o]}});
    }
    setup.outputs.push_back(std::move(output));
  }
  if (!any && !diagnostics.has_errors()) root.child("loss").error("argument.missing");
  return setup;
}

void check_samples(const Samples& samples, const Model& model, const ModelPlan& plan, const TrainingSetup& setup,
                   Diagnostics& diagnostics) {
  const ParseContext data(diagnostics, "data");
  if (samples.count() == 0) return data.error("data.empty");
  const size_t before = diagnostics.items().size();
  const std::vector<GraphInput> inputs = graph_inputs(model, plan);
  if (samples.x.size() != inputs.size())
    return data.error("data.input_count",
                      {{"got", std::to_string(samples.x.size())}, {"wanted", std::to_string(inputs.size())}});
  for (size_t i = 0; i < samples.x.size(); ++i) {
    const Shape& wanted = inputs[i].spec.shape;
    const Shape& got = samples.x[i].shape();
    const bool same_count =
        wanted.drop_front().is_known() && wanted.drop_front().elements() == got.drop_front().elements();
    const bool fits = sizes_fit(got.drop_front(), wanted.drop_front());
    if (!same_count && !fits)
      data.child("x").item(i).error("data.input_shape",
                                    {{"got", got.drop_front().text()}, {"wanted", wanted.drop_front().text()}});
    if (got.front() != samples.count())
      data.child("x").item(i).error(
          "data.samples_differ", {{"got", std::to_string(got.front())}, {"wanted", std::to_string(samples.count())}});
  }
  if (diagnostics.items().size() != before) return;
  check_indices(samples, model, plan, diagnostics);
  const ModelPlan sized = sized_plan(samples, model, plan, diagnostics);
  if (diagnostics.items().size() != before) return;
  for (size_t o = 0; o < setup.outputs.size(); ++o) {
    if (setup.outputs[o].loss == nullptr) continue;
    const ParseContext where = setup.outputs.size() == 1
                                   ? data.child("y").item(o)
                                   : ParseContext(diagnostics, "").child("targets").child(setup.outputs[o].name);
    if (o >= samples.y.size() || samples.y[o].empty()) {
      where.error("data.target_missing", {{"output", setup.outputs[o].name}});
      continue;
    }
    if (samples.y[o].shape().front() != samples.count())
      where.error("data.samples_differ",
                  {{"got", std::to_string(samples.y[o].shape().front())}, {"wanted", std::to_string(samples.count())}});
    else
      check_target(samples.y[o], setup.outputs[o], output_shape(model, sized, o), where);
  }
}

std::shared_ptr<const Loss> output_loss(const Json& setup, const Model& model, size_t output) {
  if (!setup.is_object() || !setup.contains("loss")) return nullptr;
  Diagnostics ignored;  // parse_setup complains of it
  const std::vector<std::string> names = output_names(model);
  const Json plain = plain_setup(setup, model, names);
  return parse_output_loss(for_output(plain["loss"], output, names, true), ParseContext(ignored, "loss"));
}

std::string suggest_loss(const Tensor& y, const Shape& output) {
  const bool classes = !is_floating(y.dtype());
  if (classes && output.back() > 1) return "sparse_categorical_crossentropy";
  if (classes) return "binary_crossentropy";
  return "mean_squared_error";
}

}  // namespace trainyard

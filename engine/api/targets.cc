#include "engine/api/targets.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/train/setup.h"

namespace trainyard {
namespace {

constexpr const char* kLabel = "label";
constexpr const char* kInput = "input";
constexpr size_t kMostNamed = 20;

const Shape& output_shape(const Model& model, const ModelPlan& plan, size_t o) {
  const TensorRef& ref = model.outputs[o];
  return plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)].shape;
}

/// Whether an output answers with as many numbers as a sample has.
bool copies_sample(const Dataset& dataset, const Shape& output) {
  if (output.rank() == 0 || !output.drop_front().is_known()) return false;
  const int64_t values = dataset.sample_shape().elements();
  return values > 1 && output.drop_front().elements() == values;
}

/// A table may have as many columns as classes by chance, a picture has not as many pixels.
Target default_target(const Dataset& dataset, const Shape& output, size_t o) {
  const bool picture = dataset.sample_shape().rank() > 1;
  if (copies_sample(dataset, output) && (o > 0 || picture)) return {TargetKind::input};
  return {o == 0 ? TargetKind::label : TargetKind::none};
}

class TargetReader {
 public:
  explicit TargetReader(const Dataset& dataset)
      : dataset_(dataset), columns_(number_columns(table_of(dataset, DataPart::train))) {}

  Target read(const Json& json, const ParseContext& context) const {
    if (json.is_null()) return {};
    if (!json.is_string()) return context.expected("label, input or the name of a column", json), Target{};
    const std::string& name = json.get_ref<const std::string&>();
    if (name == kLabel || (!dataset_.target.empty() && name == dataset_.target)) return {TargetKind::label};
    if (name == kInput && has_numbers()) return {TargetKind::input};
    const auto column =
        std::find_if(columns_.begin(), columns_.end(), [&](size_t index) { return dataset_.features[index] == name; });
    if (column != columns_.end()) return {TargetKind::column, *column};
    context.error("target.unknown", {{"target", name}, {"known", known()}});
    return {};
  }

 private:
  bool has_numbers() const { return dataset_.sample_shape().elements() > 0; }

  std::string known() const {
    std::string text = kLabel;
    if (has_numbers()) text += std::string(", ") + kInput;
    for (size_t i = 0; i < std::min(columns_.size(), kMostNamed); ++i) text += ", " + dataset_.features[columns_[i]];
    return columns_.size() > kMostNamed ? text + ", ..." : text;
  }

  const Dataset& dataset_;
  std::vector<size_t> columns_;
};

/// Whether a column goes into an Input that this output is computed from.
bool sees_column(const Dataset& dataset, const Model& model, const ModelPlan& plan, int output_node, size_t column) {
  std::vector<bool> seen(model.nodes.size(), false);
  std::vector<int> open{output_node};
  while (!open.empty()) {
    const int node = open.back();
    open.pop_back();
    if (node < 0 || seen[static_cast<size_t>(node)]) continue;
    seen[static_cast<size_t>(node)] = true;
    for (const TensorRef& from : model.nodes[static_cast<size_t>(node)].inputs) open.push_back(from.node);
  }
  const InputTable table = table_of(dataset, DataPart::train);
  return std::any_of(model.inputs.begin(), model.inputs.end(), [&](const TensorRef& input) {
    if (!seen[static_cast<size_t>(input.node)]) return false;
    const std::vector<size_t> columns = columns_of_input(table, model, plan, input);
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  });
}

/// Numbers of the column, [n, 1].
Tensor column_of(const Tensor& x, size_t column) {
  const auto rows = static_cast<size_t>(x.shape().front());
  const auto width = static_cast<size_t>(x.shape()[1]);
  Tensor picked(DType::f32, {x.shape().front(), 1});
  const auto from = x.span<const float>();
  const auto to = picked.span<float>();
  for (size_t row = 0; row < rows; ++row) to[row] = from[row * width + column];
  return picked;
}

Tensor one_hot(const Tensor& labels, int64_t classes) {
  Tensor result(DType::f32, {labels.shape().front(), classes});
  const auto from = labels.span<const int32_t>();
  const auto to = result.span<float>();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] >= 0 && from[i] < classes) to[i * static_cast<size_t>(classes) + static_cast<size_t>(from[i])] = 1;
  return result;
}

/// The label as this output's loss takes it.
Tensor label_for(const Dataset& dataset, const Tensor& y, const Loss* loss, const Shape& output) {
  const int64_t width = output.rank() > 0 ? output.back() : 0;
  const bool whole = loss != nullptr && loss->label_kind() == LabelKind::like_prediction;
  const bool classes = dataset.task == Task::classification && width > 1 && width >= dataset.classes();
  return whole && classes ? one_hot(y, width) : y;
}

/// The samples in the output's shape, where that has as many values.
Tensor input_for(const Tensor& x, const Shape& output) {
  const bool known = output.rank() > 0 && output.drop_front().is_known();
  const bool same = known && output.drop_front().elements() == x.shape().drop_front().elements();
  return same ? x.reshaped(output.drop_front().with_front(x.shape().front())) : x;
}

}  // namespace

std::vector<Target> parse_targets(const Json& setup, const Dataset& dataset, const Model& model, const ModelPlan& plan,
                                  Diagnostics& diagnostics) {
  const ParseContext context = ParseContext(diagnostics, "").child("targets");
  const std::vector<std::string> names = output_names(model);
  const Json given = setup.is_object() && setup.contains("targets") ? setup["targets"] : Json();
  const bool one = given.is_string() && names.size() == 1;
  if (!given.is_null() && !given.is_object() && !one) context.expected("targets by output name", given);
  if (given.is_object())
    for (const auto& [name, target] : given.items())
      if (std::find(names.begin(), names.end(), name) == names.end())
        context.error("setup.unknown_output", {{"name", name}});
  const TargetReader reader(dataset);
  std::vector<Target> targets;
  for (size_t o = 0; o < names.size(); ++o) {
    const ParseContext at = one ? context : context.child(names[o]);
    const bool said = one || (given.is_object() && given.contains(names[o]));
    targets.push_back(said ? reader.read(one ? given : given[names[o]], at)
                           : default_target(dataset, output_shape(model, plan, o), o));
    if (targets.back().kind == TargetKind::column &&
        sees_column(dataset, model, plan, model.outputs[o].node, targets.back().column))
      diagnostics.warn("target.seen", at.path(), {{"column", dataset.features[targets.back().column]}});
  }
  return targets;
}

Samples targets_of(const Dataset& dataset, DataPart part, const Model& model, const ModelPlan& plan, const Json& setup,
                   const std::vector<Target>& targets) {
  const Tensor& x = part == DataPart::train ? dataset.x_train : dataset.x_test;
  const Tensor& y = part == DataPart::train ? dataset.y_train : dataset.y_test;
  Samples samples;
  for (size_t o = 0; o < targets.size(); ++o) {
    const Shape& output = output_shape(model, plan, o);
    samples.y_scale.push_back(targets[o].kind == TargetKind::input ? dataset.scale : 0);
    switch (targets[o].kind) {
      case TargetKind::none: samples.y.emplace_back(); break;
      case TargetKind::label:
        samples.y.push_back(label_for(dataset, y, output_loss(setup, model, o).get(), output));
        break;
      case TargetKind::input: samples.y.push_back(input_for(x, output)); break;
      case TargetKind::column: samples.y.push_back(column_of(x, targets[o].column)); break;
    }
  }
  return samples;
}

std::optional<size_t> label_output(const std::vector<Target>& targets) {
  const auto found = std::find_if(targets.begin(), targets.end(),
                                  [](const Target& target) { return target.kind == TargetKind::label; });
  if (found == targets.end()) return std::nullopt;
  return static_cast<size_t>(found - targets.begin());
}

Preprocessing preprocessing_for(const Dataset& dataset, const std::vector<Target>& targets) {
  Preprocessing preprocessing = preprocessing_of(dataset);
  if (targets.empty() || targets.front().kind == TargetKind::label) return preprocessing;
  preprocessing.task = Task::regression;
  preprocessing.labels.clear();
  return preprocessing;
}

}  // namespace trainyard

#include "engine/api/model_inputs.h"

#include <algorithm>
#include <cmath>

#include "engine/layers/text_inputs.h"

namespace trainyard {
namespace {

const TensorSpec& spec_of(const ModelPlan& plan, const TensorRef& ref) {
  return plan.node_outputs[static_cast<size_t>(ref.node)].front();
}

const std::string& name_of(const Model& model, const TensorRef& ref) {
  return model.layers[static_cast<size_t>(model.nodes[static_cast<size_t>(ref.node)].layer)].layer->name;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(names.size(), 20); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return text;
}

/// The columns of x, [n, columns]; whole ones as they stand in the table.
Tensor pick_numbers(const InputTable& table, const std::vector<size_t>& columns, bool whole) {
  const int64_t rows = table.x.shape().front();
  const auto width = static_cast<size_t>(table.x.shape()[1]);
  Tensor picked(DType::f32, {rows, static_cast<int64_t>(columns.size())});
  const auto from = table.x.span<const float>();
  float* next = picked.view().as<float>();
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row)
    for (const size_t column : columns) {
      const float value = from[row * width + column];
      const Standardization& s = table.standardization;
      *next++ =
          whole && !s.empty() ? static_cast<float>(std::round(value * s.deviation[column] + s.mean[column])) : value;
    }
  return picked;
}

TextTensor pick_text(const TextTensor& text, const std::vector<size_t>& columns) {
  TextTensor picked{{text.shape.front(), static_cast<int64_t>(columns.size())}, {}};
  const size_t width = text.row_size();
  for (size_t row = 0; row < static_cast<size_t>(text.shape.front()); ++row)
    for (const size_t column : columns) picked.values.push_back(text.values[row * width + column]);
  return picked;
}

/// Which columns an input takes: the one of its name, else all where it is the only input of its kind.
std::vector<size_t> columns_for(const std::string& input, const std::vector<std::string>& names,
                                const std::vector<size_t>& all, bool only) {
  const auto found = std::find(names.begin(), names.end(), input);
  if (found != names.end()) return {static_cast<size_t>(found - names.begin())};
  return only ? all : std::vector<size_t>{};
}

class InputPicker {
 public:
  InputPicker(const InputTable& table, const Model& model, const ModelPlan& plan)
      : table_(table), model_(model), plan_(plan) {
    for (const TensorRef& ref : model.inputs) ++(spec_of(plan, ref).text ? text_inputs_ : number_inputs_);
  }

  std::vector<size_t> columns(const TensorRef& ref) const {
    if (spec_of(plan_, ref).text) return {};
    std::vector<size_t> all(table_.features.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    return model_.inputs.size() == 1 ? all : number_columns_for(ref);
  }

  HostValue pick(const TensorRef& ref) const {
    const TensorSpec& spec = spec_of(plan_, ref);
    if (!spec.text && model_.inputs.size() == 1) return table_.x;
    return spec.text ? HostValue(text(ref, spec)) : HostValue(numbers(ref, spec));
  }

 private:
  TextTensor text(const TensorRef& ref, const TensorSpec& spec) const {
    std::vector<size_t> all(table_.text_columns.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    const std::vector<size_t> columns = columns_for(name_of(model_, ref), table_.text_columns, all, text_inputs_ == 1);
    if (!fits(spec, columns.size()))
      throw UserError("data.text_column", "data",
                      {{"input", name_of(model_, ref)}, {"columns", joined(table_.text_columns)}});
    TextTensor picked = pick_text(table_.text, columns);
    if (spec.shape.rank() == 1) picked.shape = {picked.shape.front()};
    return picked;
  }

  Tensor numbers(const TensorRef& ref, const TensorSpec& spec) const {
    if (table_.features.empty())
      throw UserError("data.input_count", "data", {{"got", "1"}, {"wanted", std::to_string(model_.inputs.size())}});
    const std::vector<size_t> columns = number_columns_for(ref);
    if (table_.x.shape().rank() != 2 || table_.x.dtype() != DType::f32 || !fits(spec, columns.size()))
      throw UserError("data.no_column", "data",
                      {{"input", name_of(model_, ref)}, {"columns", joined(table_.features)}});
    return pick_numbers(table_, columns, !is_floating(spec.dtype));
  }

  std::vector<size_t> number_columns_for(const TensorRef& ref) const {
    return columns_for(name_of(model_, ref), table_.features, number_columns(table_), number_inputs_ == 1);
  }

  /// One value for a shape without sizes, else as many as they make.
  static bool fits(const TensorSpec& spec, size_t columns) {
    if (columns == 0) return false;
    const Shape sample = spec.shape.rank() == 0 ? Shape{} : spec.shape.drop_front();
    return !sample.is_known() || sample.elements() == static_cast<int64_t>(columns);
  }

  const InputTable& table_;
  const Model& model_;
  const ModelPlan& plan_;
  int text_inputs_ = 0;
  int number_inputs_ = 0;
};

}  // namespace

std::vector<size_t> number_columns(const InputTable& table) {
  std::vector<size_t> columns;
  for (size_t f = 0; f < table.features.size(); ++f) {
    const bool word = std::any_of(table.text_columns.begin(), table.text_columns.end(), [&](const std::string& column) {
      return table.features[f].compare(0, column.size() + 1, column + "=") == 0;
    });
    if (!word) columns.push_back(f);
  }
  return columns;
}

InputTable table_of(const Dataset& dataset, DataPart part) {
  const bool train = part == DataPart::train;
  return {train ? dataset.x_train : dataset.x_test, train ? dataset.text_train : dataset.text_test, dataset.features,
          dataset.text_columns, dataset.standardization};
}

std::vector<HostValue> model_inputs(const InputTable& table, const Model& model, const ModelPlan& plan) {
  const InputPicker picker(table, model, plan);
  std::vector<HostValue> values;
  for (const TensorRef& ref : model.inputs) values.push_back(picker.pick(ref));
  return values;
}

std::vector<size_t> columns_of_input(const InputTable& table, const Model& model, const ModelPlan& plan,
                                     const TensorRef& input) {
  return InputPicker(table, model, plan).columns(input);
}

std::vector<Tensor> graph_tensors(const InputTable& table, const Model& model, const ModelPlan& plan) {
  // Data whose tensors are the model's needs no picking, whatever it is.
  if (model.inputs.size() == 1 && !takes_text(model, plan)) return {table.x};
  return read_inputs(model, plan, model_inputs(table, model, plan));
}

AdaptedModel adapt_to(const Dataset& dataset, const std::shared_ptr<const Model>& model,
                      const std::shared_ptr<Device>& device,
                      const std::function<Tensor(const std::string& path)>& weight) {
  AdaptedModel unchanged{model, {}, {}};
  if (!has_unadapted_layers(*model)) return unchanged;
  Diagnostics ignored;  // of sizes that are known only afterwards; whoever uses the model plans it again
  const ModelPlan plan = plan_model(*model, ignored);
  for (const TensorRef& ref : model->inputs)
    if (plan.node_outputs[static_cast<size_t>(ref.node)].empty()) return unchanged;
  const std::vector<HostValue> inputs = model_inputs(table_of(dataset, DataPart::train), *model, plan);
  return adapt_model({.model = model, .inputs = inputs, .scale = dataset.scale, .device = device, .weight = weight});
}

std::vector<HostValue> typed_texts(const std::vector<std::string>& texts, const Model& model, const ModelPlan& plan) {
  const bool only = model.inputs.size() == 1 && spec_of(plan, model.inputs.front()).text;
  const Shape sample = only && spec_of(plan, model.inputs.front()).shape.rank() > 0
                           ? spec_of(plan, model.inputs.front()).shape.drop_front()
                           : Shape{};
  if (!only || !(sample.rank() == 0 || (sample.rank() == 1 && (sample[0] == 1 || sample[0] == kUnknown))))
    throw UserError("predict.no_text", "text");
  const auto count = static_cast<int64_t>(texts.size());
  return {TextTensor{sample.rank() == 0 ? Shape{count} : Shape{count, 1}, texts}};
}

}  // namespace trainyard

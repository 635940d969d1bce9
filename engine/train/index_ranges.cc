#include "engine/train/index_ranges.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/layers/index_reader.h"
#include "engine/layers/model_layer.h"
#include "engine/layers/operation_layer.h"
#include "engine/layers/text_inputs.h"

namespace trainyard {
namespace {

/// Layers whose output holds all numbers of their first input and no others.
bool only_moves(const std::string& class_name) {
  static const std::set<std::string> kMovers = {"Reshape",      "Flatten",    "Permute", "Identity",
                                                "RepeatVector", "ExpandDims", "Squeeze"};
  return kMovers.count(class_name) != 0;
}

/// The first number that a layer with `limit` rows has no row for, and the sample it stands in.
struct Outside {
  double value;
  int64_t row;
};

/// Numbers of each sample: those from `first` to before `last`.
struct SamplePart {
  int64_t first = 0;
  int64_t last = 0;
};

template <typename T>
std::optional<Outside> find_outside(const Tensor& x, const SamplePart& part, int64_t limit, double scale) {
  const auto values = x.span<const T>();
  const int64_t rows = x.shape().front();
  const int64_t width = rows == 0 ? 0 : x.elements() / rows;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t i = part.first; i < part.last; ++i) {
      const double given = static_cast<double>(values[static_cast<size_t>(row * width + i)]) * scale;
      const double value = std::trunc(given);
      if (!(value >= 0 && value < static_cast<double>(limit))) return Outside{given, row};
    }
  return std::nullopt;
}

std::optional<Outside> outside(const Tensor& x, const SamplePart& part, int64_t limit, double scale) {
  switch (x.dtype()) {
    case DType::f32: return find_outside<float>(x, part, limit, scale);
    case DType::f64: return find_outside<double>(x, part, limit, scale);
    case DType::i32: return find_outside<int32_t>(x, part, limit, scale);
    case DType::i64: return find_outside<int64_t>(x, part, limit, scale);
    case DType::u8: return find_outside<uint8_t>(x, part, limit, scale);
    case DType::boolean: return find_outside<bool>(x, part, limit, scale);
    case DType::f16:
    case DType::bf16: break;  // no data set has them
  }
  return std::nullopt;
}

int64_t width_of(const Tensor& x) { return x.shape().front() == 0 ? 0 : x.elements() / x.shape().front(); }

std::string index_text(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? std::to_string(static_cast<int64_t>(value))
                                                              : std::to_string(value);
}

bool is_whole_slice(const Json& item) {
  if (!item.is_object() || item.value("class_name", Json()) != "__slice__") return false;
  const Json config = item.value("config", Json::object());
  return std::all_of(config.begin(), config.end(), [](const Json& bound) { return bound.is_null(); });
}

/// The columns of x[:, 3] or x[:, 1:4] (x: [n, width]); nothing for other keys.
std::optional<SamplePart> columns_of(const OperationLayer& layer, int64_t width) {
  const Json& args = layer.arguments().args;
  if (layer.info().class_name != "GetItem" || args.size() != 2 || !args[1].is_array() || args[1].size() != 2 ||
      !is_whole_slice(args[1][0]))
    return std::nullopt;
  const auto place = [&](const Json& index, int64_t otherwise) {
    if (!index.is_number_integer()) return otherwise;
    const auto number = index.get<int64_t>();
    return std::clamp<int64_t>(number < 0 ? number + width : number, 0, width);
  };
  const Json& item = args[1][1];
  if (item.is_number_integer()) {
    const int64_t column = place(item, 0);
    return SamplePart{column, std::min(column + 1, width)};
  }
  if (!item.is_object() || item.value("class_name", Json()) != "__slice__") return std::nullopt;
  const Json config = item.value("config", Json::object());
  if (const Json step = config.value("step", Json()); !step.is_null() && step != 1) return std::nullopt;
  return SamplePart{place(config.value("start", Json()), 0), place(config.value("stop", Json()), width)};
}

/// Whether any layer has a table at all: asked at every prediction, and mostly answered with no.
bool reads_indices(const Model& model) {
  return std::any_of(model.layers.begin(), model.layers.end(), [](const auto& entry) {
    const Layer& layer = *entry.layer;
    const auto* nested = dynamic_cast<const NestedModel*>(&layer);
    return nested != nullptr ? reads_indices(nested->model()) : dynamic_cast<const IndexReader*>(&layer) != nullptr;
  });
}

class Checker {
 public:
  Checker(const Samples& samples, Diagnostics& diagnostics) : samples_(samples), diagnostics_(diagnostics) {}

  /// A sample tensor and whether its numbers are scaled, or -1 for what is computed.
  struct Source {
    int x = -1;
    bool scaled = false;
    SamplePart part = {};
  };

  /// `sources`: of the model's inputs.
  void visit(const Model& model, const std::vector<Source>& sources, const std::string& prefix) {
    std::vector<Source> of_node(model.nodes.size());
    for (size_t i = 0; i < model.inputs.size() && i < sources.size(); ++i)
      of_node[static_cast<size_t>(model.inputs[i].node)] = sources[i];
    for (size_t n = 0; n < model.nodes.size(); ++n) {
      const ModelNode& node = model.nodes[n];
      if (node.inputs.empty()) continue;
      const Layer& layer = *model.layers[static_cast<size_t>(node.layer)].layer;
      const Source first = of_node[static_cast<size_t>(node.inputs[0].node)];
      if (const auto* nested = dynamic_cast<const NestedModel*>(&layer)) {
        std::vector<Source> inner;
        for (const TensorRef& ref : node.inputs) inner.push_back(of_node[static_cast<size_t>(ref.node)]);
        visit(nested->model(), inner, prefix + layer.name + "/");
      }
      if (first.x < 0) continue;
      if (only_moves(layer.info().class_name)) of_node[n] = first;
      if (const auto* operation = dynamic_cast<const OperationLayer*>(&layer)) of_node[n] = chosen(*operation, first);
      if (const auto* reader = dynamic_cast<const IndexReader*>(&layer))
        if (const auto limit = reader->index_limit(node.arguments)) check_layer(prefix + layer.name, *limit, first);
    }
  }

 private:
  /// What an operation leaves of its input.
  Source chosen(const OperationLayer& operation, const Source& source) const {
    if (only_moves(operation.info().class_name)) return source;
    const Tensor& x = samples_.x[static_cast<size_t>(source.x)];
    const bool whole = source.part.first == 0 && x.shape().rank() == 2 && source.part.last == x.shape()[1];
    const std::optional<SamplePart> columns = whole ? columns_of(operation, x.shape()[1]) : std::nullopt;
    return columns ? Source{source.x, source.scaled, *columns} : Source{};
  }

  void check_layer(const std::string& name, int64_t limit, const Source& source) {
    const Tensor& x = samples_.x[static_cast<size_t>(source.x)];
    const auto found = outside(x, source.part, limit, source.scaled ? samples_.scale : 1);
    if (!found || !told_.insert(name).second) return;
    diagnostics_.error("data.index_range", "data.x[" + std::to_string(source.x) + "]",
                       {{"value", index_text(found->value)},
                        {"row", std::to_string(found->row)},
                        {"layer", name},
                        {"limit", std::to_string(limit)}});
  }

  const Samples& samples_;
  Diagnostics& diagnostics_;
  std::set<std::string> told_;
};

}  // namespace

void check_indices(const Samples& samples, const Model& model, const ModelPlan& plan, Diagnostics& diagnostics) {
  if (!reads_indices(model)) return;
  const std::vector<GraphInput> inputs = graph_inputs(model, plan);
  std::vector<Checker::Source> sources(model.inputs.size());
  for (size_t i = 0; i < inputs.size() && i < samples.x.size(); ++i)
    for (size_t m = 0; m < model.inputs.size(); ++m)
      if (!inputs[i].reading && inputs[i].node == model.inputs[m].node)
        sources[m] = {static_cast<int>(i), is_floating(inputs[i].spec.dtype), {0, width_of(samples.x[i])}};
  Checker(samples, diagnostics).visit(model, sources, "");
}

}  // namespace trainyard

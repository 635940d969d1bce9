#include "engine/train/index_ranges.h"

#include <cmath>
#include <set>

#include "engine/layers/index_reader.h"
#include "engine/layers/model_layer.h"
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

template <typename T>
std::optional<Outside> find_outside(const Tensor& x, int64_t limit, double scale) {
  const auto values = x.span<const T>();
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = std::trunc(static_cast<double>(values[i]) * scale);
    if (!(value >= 0 && value < static_cast<double>(limit)))
      return Outside{static_cast<double>(values[i]) * scale,
                     static_cast<int64_t>(i) * x.shape().front() / x.elements()};
  }
  return std::nullopt;
}

std::optional<Outside> outside(const Tensor& x, int64_t limit, double scale) {
  switch (x.dtype()) {
    case DType::f32: return find_outside<float>(x, limit, scale);
    case DType::f64: return find_outside<double>(x, limit, scale);
    case DType::i32: return find_outside<int32_t>(x, limit, scale);
    case DType::i64: return find_outside<int64_t>(x, limit, scale);
    case DType::u8: return find_outside<uint8_t>(x, limit, scale);
    case DType::boolean: return find_outside<bool>(x, limit, scale);
    case DType::f16:
    case DType::bf16: break;  // no data set has them
  }
  return std::nullopt;
}

std::string index_text(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? std::to_string(static_cast<int64_t>(value))
                                                              : std::to_string(value);
}

class Checker {
 public:
  Checker(const Samples& samples, Diagnostics& diagnostics) : samples_(samples), diagnostics_(diagnostics) {}

  /// A sample tensor and whether its numbers are scaled, or -1 for what is computed.
  struct Source {
    int x = -1;
    bool scaled = false;
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
      if (const auto* reader = dynamic_cast<const IndexReader*>(&layer))
        if (const auto limit = reader->index_limit(node.arguments)) check_layer(prefix + layer.name, *limit, first);
    }
  }

 private:
  void check_layer(const std::string& name, int64_t limit, const Source& source) {
    const auto found = outside(samples_.x[static_cast<size_t>(source.x)], limit, source.scaled ? samples_.scale : 1);
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
  const std::vector<GraphInput> inputs = graph_inputs(model, plan);
  std::vector<Checker::Source> sources(model.inputs.size());
  for (size_t i = 0; i < inputs.size() && i < samples.x.size(); ++i)
    for (size_t m = 0; m < model.inputs.size(); ++m)
      if (!inputs[i].reading && inputs[i].node == model.inputs[m].node)
        sources[m] = {static_cast<int>(i), is_floating(inputs[i].spec.dtype)};
  Checker(samples, diagnostics).visit(model, sources, "");
}

}  // namespace trainyard

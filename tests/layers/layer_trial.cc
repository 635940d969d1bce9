#include "tests/layers/layer_trial.h"

#include <cmath>
#include <cstring>

#include "engine/core/philox.h"
#include "engine/ops/gradient.h"
#include "engine/runtime/session.h"

namespace trainyard::testing {
namespace {

/// Normal numbers; for statistics positive ones, since one of them is a variance.
Tensor random_tensor(const Shape& shape, DType dtype, uint64_t seed, bool positive) {
  Tensor wide(DType::f64, shape);
  const Philox random{.seed = seed};
  const auto values = wide.span<double>();
  for (size_t i = 0; i < values.size(); ++i) {
    const double draw = random.normal(i);
    values[i] = positive ? 0.5 + std::abs(draw) : draw;
  }
  return wide.cast(dtype);
}

Tensor random_integers(const Shape& shape, int64_t below, uint64_t seed) {
  Tensor tensor(DType::i32, shape);
  const Philox random{.seed = seed};
  const auto values = tensor.span<int32_t>();
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<int32_t>(random.below(i, static_cast<uint32_t>(below)));
  return tensor;
}

std::shared_ptr<Device> device_of(std::string_view backend) {
  static const auto make = [](bool cpu) {
    std::vector<std::unique_ptr<Backend>> backends;
    if (cpu) backends.push_back(make_cpu_backend());
    backends.push_back(make_ref_backend());
    return std::make_shared<Device>(std::move(backends), 2);
  };
  static const std::shared_ptr<Device> kRef = make(false);
  static const std::shared_ptr<Device> kCpu = make(true);
  return backend == "cpu" ? kCpu : kRef;
}

std::vector<Tensor> execute(Graph graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted,
                            std::string_view backend) {
  std::vector<int> ids;
  for (const Value& value : wanted) {
    ids.push_back(value.id());
    graph.mark_output(Value(&graph, value.id()));
  }
  Session session(device_of(backend));
  const std::unique_ptr<Executor> executor = session.compile(std::move(graph));
  for (size_t i = 0; i < inputs.size(); ++i) executor->bind(static_cast<int>(i), inputs[i].data());
  executor->run({.seed = 11, .step = 2});
  std::vector<Tensor> results;
  for (const int id : ids) {
    const TensorView view = executor->output(id);
    Tensor tensor(view.dtype, view.shape);
    if (view.bytes() > 0) std::memcpy(tensor.data(), view.data, view.bytes());
    results.push_back(std::move(tensor));
  }
  return results;
}

}  // namespace

namespace {

/// Sets the dtype of a layer's config and of the layers inside it, which must have the same.
void set_dtype(Json& config, DType dtype) {
  if (!config.contains("dtype")) config["dtype"] = name_of(dtype);
  const auto inner = [&](Json& value) {
    if (value.is_object() && value.contains("class_name") && value.contains("config"))
      set_dtype(value["config"], dtype);
  };
  for (const char* name : {"layer", "backward_layer", "cell"})
    if (config.contains(name)) inner(config[name]);
  if (config.contains("cells") && config["cells"].is_array())
    for (Json& cell : config["cells"]) inner(cell);
}

}  // namespace

std::vector<Tensor> run_graph(Graph graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted,
                              std::string_view backend) {
  return execute(std::move(graph), inputs, wanted, backend);
}

std::unique_ptr<Layer> make_layer(const LayerSample& sample, Diagnostics& diagnostics, DType dtype) {
  Json config = sample.config;
  set_dtype(config, dtype);
  auto parsed = Layer::registry().parse({{"class_name", sample.class_name}, {"config", config}},
                                        ParseContext(diagnostics, "layer"));
  return std::unique_ptr<Layer>(static_cast<Layer*>(parsed.release()));
}

LayerTrial::LayerTrial(const LayerSample& sample, const std::vector<Shape>& inputs, DType dtype, bool open_batch) {
  std::unique_ptr<Layer> layer = make_layer(sample, diagnostics_, dtype);
  if (layer == nullptr) return;
  add_inputs(sample, inputs, dtype, open_batch);
  const auto number = static_cast<int>(model_.layers.size());
  ModelNode node{number, model_.inputs, sample.call};
  for (const std::string& name : sample.keywords) node.keywords.push_back({name, 1});
  model_.layers.push_back({std::move(layer), "node", "layer"});
  model_.nodes.push_back(std::move(node));
  plan_ = plan_model(model_, diagnostics_);
  if (diagnostics_.has_errors()) return;
  for (size_t i = 0; i < planned_outputs().size(); ++i) model_.outputs.push_back({number, static_cast<int>(i)});
  make_operands(sample, inputs, dtype);
}

void LayerTrial::add_inputs(const LayerSample& sample, const std::vector<Shape>& inputs, DType dtype, bool open_batch) {
  for (const Shape& shape : inputs) {
    Shape planned = shape;
    if (open_batch) planned[0] = kUnknown;
    const auto number = static_cast<int>(model_.layers.size());
    const Json config = {{"batch_shape", ArgTraits<Shape>::print(planned)},
                         {"dtype", sample.integers_below > 0 ? "int32" : name_of(dtype)},
                         {"name", "input_" + std::to_string(number)}};
    auto input = Layer::registry().parse({{"class_name", "InputLayer"}, {"config", config}},
                                         ParseContext(diagnostics_, "input"));
    check(input != nullptr, "an input's config is in order");
    model_.layers.push_back({std::unique_ptr<Layer>(static_cast<Layer*>(input.release())), "", "input"});
    model_.nodes.push_back({number, {}});
    model_.inputs.push_back({number, 0});
  }
}

void LayerTrial::make_operands(const LayerSample& sample, const std::vector<Shape>& inputs, DType dtype) {
  uint64_t seed = 100;
  for (const Shape& shape : inputs)
    operands_.push_back(sample.integers_below > 0 ? random_integers(shape, sample.integers_below, ++seed)
                                                  : random_tensor(shape, dtype, ++seed, false));
  for (const WeightInfo& weight : plan_.weights)
    operands_.push_back(random_tensor(weight.spec.shape, dtype, ++seed, weight.spec.kind != VariableKind::trainable));
}

LayerTrial::Result LayerTrial::run(bool training, bool with_gradients, std::string_view backend) {
  Graph graph;
  std::vector<Value> values;
  for (const Tensor& operand : operands_) values.push_back(graph.input("x", {operand.dtype(), operand.shape()}));
  const auto split = values.begin() + static_cast<std::ptrdiff_t>(input_count());
  std::vector<Value> masks;
  for (const Tensor& mask : masks_) masks.push_back(mask.empty() ? Value() : graph.constant(mask));
  const LoweredModel lowered =
      lower_model(model_, plan_, {values.begin(), split}, {split, values.end()}, training, masks);
  Value score;
  const auto add = [&](Value term) { score = score ? score + term : term; };
  uint64_t seed = 1;
  for (const Value& output : lowered.outputs)
    if (is_floating(output.dtype()))
      add(sum(output * graph.constant(random_tensor(output.shape(), output.dtype(), ++seed, false))));
  for (const Value& loss : lowered.losses) add(loss);
  std::vector<Value> wanted = lowered.outputs;
  if (score) wanted.push_back(score);
  std::vector<Value> by;
  for (const Value& value : values)
    if (is_floating(value.dtype())) by.push_back(value);
  if (with_gradients && score)
    for (const Value& gradient : gradients(score, by)) wanted.push_back(gradient);
  const std::vector<Tensor> results = execute(std::move(graph), operands_, wanted, backend);
  Result result;
  size_t next = lowered.outputs.size();
  result.outputs.assign(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(next));
  if (score) result.score = element_as_double(results[next++].view(), 0);
  for (const Tensor& operand : operands_)
    result.gradients.push_back(with_gradients && score && is_floating(operand.dtype()) ? results[next++] : Tensor());
  return result;
}

}  // namespace trainyard::testing

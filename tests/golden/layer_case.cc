// layer: one call (or two, for stateful layers) with given weights; outputs, gradients, statistics, penalties, masks.
#include "engine/layers/layer.h"
#include "engine/ops/gradient.h"
#include "tests/golden/model_cases.h"

namespace trainyard::golden {
namespace {

class LayerCase {
 public:
  LayerCase(const Case& golden, Machine& machine, Report& report) : golden_(golden), machine_(machine), report_(report), call_(golden.metadata("call")) {}

  void run() {
    if (Layer::registry().find(golden_.class_name) == nullptr) return report_.skip("no layer " + golden_.class_name + " yet");
    Diagnostics diagnostics;
    const std::unique_ptr<Declared> object = Layer::registry().parse(golden_.config, ParseContext(diagnostics, "layer"));
    if (object == nullptr) return report_.fail(diagnostics.text());
    layer_ = static_cast<const Layer*>(object.get());
    inputs_ = golden_.numbered("input");
    weights_ = golden_.numbered("weight");
    if (!build(diagnostics)) return;
    call_once("output", true);
    if (golden_.has("second_output.0")) call_once("second_output", false);
  }

 private:
  bool build(Diagnostics& diagnostics) {
    std::vector<TensorSpec> specs;
    for (const Tensor& input : inputs_) specs.push_back({seen_dtype(input.dtype()), input.shape()});
    BuildContext context(specs, layer_->dtype.dtype, ParseContext(diagnostics, "layer"));
    layer_->build(context);
    if (context.failed()) return report_.fail(diagnostics.text()), false;
    specs_ = context.weights();
    outputs_ = context.outputs();
    // State of a stateful layer is not among Keras's weights.
    for (size_t w = weights_.size(); w < specs_.size(); ++w)
      if (specs_[w].kind == VariableKind::state) weights_.push_back(Tensor(layer_->dtype.dtype, specs_[w].shape));
    if (specs_.size() != weights_.size())
      return report_.fail("declares " + std::to_string(specs_.size()) + " weights, Keras has " + std::to_string(weights_.size())), false;
    for (size_t w = 0; w < specs_.size(); ++w)
      if (specs_[w].shape != weights_[w].shape())
        report_.fail("weight." + std::to_string(w) + " has shape " + specs_[w].shape.text() + ", Keras's " + weights_[w].shape().text());
    return report_.failures().empty();
  }

  DType seen_dtype(DType dtype) const { return is_floating(dtype) || !layer_->keeps_integers() ? layer_->dtype.dtype : dtype; }

  struct Fed {
    Value value;    // as fed
    Value operand;  // as the layer sees it
  };

  void call_once(const std::string& outputs, bool with_gradients) {
    Graph graph;
    std::vector<Tensor> tensors;
    const auto feed = [&](const Tensor& tensor) {
      tensors.push_back(tensor);
      return graph.input("x", {tensor.dtype(), tensor.shape()});
    };
    CallContext::Setup setup;
    std::vector<Value> fed;
    for (const Tensor& input : inputs_) {
      fed.push_back(feed(input));
      setup.inputs.push_back(cast(fed.back(), seen_dtype(input.dtype())));
    }
    for (const Tensor& weight : weights_) setup.weights.push_back(feed(weight));
    if (golden_.has("mask")) setup.masks.push_back(feed(golden_.tensor("mask")));
    setup.training = call_.is_object() && call_.value("training", false);
    setup.arguments = &call_;
    CallContext context(graph, setup);
    layer_->call(context);
    std::vector<std::string> names;
    std::vector<Value> wanted;
    const auto want = [&](const std::string& name, Value value) {
      if (!golden_.has(name)) return;
      names.push_back(name);
      wanted.push_back(value);
    };
    for (size_t o = 0; o < context.outputs().size(); ++o) {
      if (context.outputs()[o].shape() != outputs_[o].shape) report_.fail("output " + std::to_string(o) + " was inferred as " + outputs_[o].shape.text() + " and came as " + context.outputs()[o].shape().text());
      want(outputs + "." + std::to_string(o), context.outputs()[o]);
    }
    if (with_gradients) {
      want_gradients(graph, context, fed, setup.weights, feed, want);
      want_losses(context, setup.weights, want);
      if (const Value mask = output_mask(context); mask && golden_.has("output_mask")) want("output_mask", mask);
      else if (golden_.has("output_mask")) report_.fail("no output mask");
    }
    for (const CallContext::Update& update : context.updates()) want_update(update, names, wanted);
    const std::vector<Tensor> results = machine_.run(graph, tensors, wanted);
    for (size_t i = 0; i < names.size(); ++i) settle(names[i], results[i]);
  }

  template <typename Feed, typename Want>
  void want_gradients(Graph& graph, const CallContext& context, const std::vector<Value>& fed, const std::vector<Value>& weights, Feed& feed, Want& want) {
    const std::vector<Tensor> seeds = golden_.numbered("doutput");
    if (seeds.empty()) return;
    std::vector<Value> ys, dys;
    for (size_t o = 0; o < seeds.size(); ++o) {
      ys.push_back(context.outputs()[o]);
      dys.push_back(feed(seeds[o]));
    }
    std::vector<Value> by;
    std::vector<std::string> names;
    for (size_t i = 0; i < fed.size(); ++i)
      if (golden_.has("dinput." + std::to_string(i))) by.push_back(fed[i]), names.push_back("dinput." + std::to_string(i));
    for (size_t w = 0; w < weights.size(); ++w)
      if (golden_.has("dweight." + std::to_string(w))) by.push_back(weights[w]), names.push_back("dweight." + std::to_string(w));
    if (by.empty()) return;
    const std::vector<Value> found = gradients(ys, dys, by);
    for (size_t i = 0; i < by.size(); ++i) want(names[i], found[i]);
    static_cast<void>(graph);
  }

  template <typename Want>
  void want_losses(const CallContext& context, const std::vector<Value>& weights, Want& want) {
    Value total;
    const auto add = [&](Value term) { total = total ? total + term : term; };
    for (const Value& loss : context.losses()) add(loss);
    if (layer_->activity_regularizer)
      for (const Value& output : context.outputs()) add(layer_->activity_regularizer->penalty(output) / static_cast<double>(output.shape().front()));
    for (size_t w = 0; w < specs_.size(); ++w)
      if (specs_[w].regularizer) add(specs_[w].regularizer->penalty(weights[w]));
    if (total) want("regularization_loss", total);
    else if (golden_.has("regularization_loss")) report_.fail("no penalty");
  }

  Value output_mask(const CallContext& context) const {
    if (context.masks_set()) return context.output_mask(0);
    return layer_->supports_masking() ? context.mask(0) : Value();
  }

  /// A statistic after the call; also kept for a second call.
  void want_update(const CallContext::Update& update, std::vector<std::string>& names, std::vector<Value>& wanted) {
    names.push_back("updated_weight." + std::to_string(update.weight));
    wanted.push_back(update.value);
  }

  void settle(const std::string& name, const Tensor& result) {
    if (golden_.has(name)) report_.expect_close(name, result, golden_.tensor(name));
    const std::string prefix = "updated_weight.";
    if (name.compare(0, prefix.size(), prefix) == 0) weights_[std::stoul(name.substr(prefix.size()))] = result;
  }

  const Case& golden_;
  Machine& machine_;
  Report& report_;
  Json call_;
  const Layer* layer_ = nullptr;
  std::vector<Tensor> inputs_, weights_;
  std::vector<WeightSpec> specs_;
  std::vector<TensorSpec> outputs_;
};

}  // namespace

void run_layer_case(const Case& golden, Machine& machine, Report& report) { LayerCase(golden, machine, report).run(); }

}  // namespace trainyard::golden

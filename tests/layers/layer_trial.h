// One layer in a model of its own, run on ref with random numbers.
#pragma once

#include <memory>

#include "engine/layers/model.h"
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {

/// Parses a sample; null after complaining. `dtype` goes into the config.
std::unique_ptr<Layer> make_layer(const LayerSample& sample, Diagnostics& diagnostics, DType dtype = DType::f32);

/// One run of a graph. `inputs`: a tensor for each Graph::input. Gives copies of `wanted`.
std::vector<Tensor> run_graph(Graph graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted,
                              std::string_view backend = "ref");

class LayerTrial {
 public:
  /// `open_batch`: the model is planned with an unknown batch, though it runs with the given one.
  LayerTrial(const LayerSample& sample, const std::vector<Shape>& inputs, DType dtype, bool open_batch = false);

  /// Complaints of parsing and planning; nothing else may be asked when there are any.
  const Diagnostics& diagnostics() const { return diagnostics_; }
  const ModelPlan& plan() const { return plan_; }
  const std::vector<TensorSpec>& planned_outputs() const { return plan_.node_outputs.back(); }
  const Layer& layer() const { return *model_.layers.back().layer; }
  /// Random inputs, then random weights; may be changed between runs.
  std::vector<Tensor>& operands() { return operands_; }
  size_t input_count() const { return model_.inputs.size(); }
  /// The masks that the inputs carry, or empty tensors; may be fewer.
  void set_masks(std::vector<Tensor> masks) { masks_ = std::move(masks); }

  struct Result {
    std::vector<Tensor> outputs;
    /// sum(output * seed) over all outputs plus the losses, in double.
    double score = 0;
    /// Its gradient by each operand; empty tensors for integer ones. Only where asked.
    std::vector<Tensor> gradients;
  };
  Result run(bool training, bool with_gradients, std::string_view backend = "ref");

 private:
  void add_inputs(const LayerSample& sample, const std::vector<Shape>& inputs, DType dtype, bool open_batch);
  void make_operands(const LayerSample& sample, const std::vector<Shape>& inputs, DType dtype);

  Diagnostics diagnostics_;
  Model model_;
  ModelPlan plan_;
  std::vector<Tensor> operands_;
  std::vector<Tensor> masks_;
};

}  // namespace trainyard::testing

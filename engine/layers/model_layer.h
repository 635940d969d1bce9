// A model as a layer: Keras's Sequential and Functional among the layers of a model, or as what a wrapper wraps.
#pragma once

#include <memory>
#include <string>

#include "engine/layers/model.h"

namespace trainyard {

/// Its weights are those of its layers, in their order, named "dense/kernel"; called several times it shares them. Its random
/// streams lie within those of the call, its `trainable` stands above that of its layers.
class NestedModel final : public Layer {
 public:
  /// `model` has no mistakes. name and trainable are the model's.
  explicit NestedModel(std::shared_ptr<const Model> model);

  const Model& model() const { return *model_; }
  const ClassInfo& info() const override;
  InputArity arity() const override;
  std::vector<std::string> tensor_arguments() const override { return {"mask"}; }
  int list_begin() const override { return model_->inputs.size() > 1 ? 0 : -1; }
  /// Inputs get the dtypes of the model's own inputs.
  bool keeps_integers() const override { return true; }
  bool has_build_config() const override { return false; }
  bool works_by_sample() const override;
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;

  /// An entry of its config as Keras writes it ("layers", "input_layers" ...); name and trainable are the layer's.
  Json printed(const std::string& key) const;

 private:
  std::vector<TensorSpec> input_specs(const std::vector<TensorSpec>& given) const;

  std::shared_ptr<const Model> model_;
  Json config_;
};

/// Whether a serialized layer of this class is a model.
bool is_model_class(const std::string& class_name);

/// A nested model from its serialized form; complaints stand below `context`. Null when it cannot be used.
std::unique_ptr<NestedModel> parse_model_layer(const Json& entry, const ParseContext& context);

/// A layer from its serialized form: one of the registry, or a nested model. Null after complaining.
std::unique_ptr<Layer> parse_layer(const Json& entry, const ParseContext& context);

}  // namespace trainyard

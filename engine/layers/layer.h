// A layer: Keras's arguments as members, what shapes and weights follow from its inputs, and the ops it lowers to.
// A layer owns no tensors: weights live in the session's variables, so that one layer can be called several times and
// a model can be described without memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/declare.h"
#include "engine/layers/activation.h"
#include "engine/layers/constraint.h"
#include "engine/layers/initializer.h"
#include "engine/layers/regularizer.h"

namespace trainyard {

/// Dtype and shape of a tensor between layers; the batch (dimension 0) and other sizes may be kUnknown.
struct TensorSpec {
  DType dtype = DType::f32;
  Shape shape;
};

/// float32 (or float64) computing and storing; the mixed policies are refused until a backend has them.
/// Reads a name or Keras's {"class_name": "DTypePolicy", "config": {"name": ...}}.
struct DTypePolicy {
  DType dtype = DType::f32;
};

template <>
struct ArgTraits<DTypePolicy> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, DTypePolicy& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const DTypePolicy& value);
};

enum class DataFormat : uint8_t { channels_last, channels_first };
constexpr std::array<std::string_view, 2> choice_names(DataFormat) { return {"channels_last", "channels_first"}; }

enum class Padding : uint8_t { valid, same };
constexpr std::array<std::string_view, 2> choice_names(Padding) { return {"valid", "same"}; }

enum class VariableKind : uint8_t { trainable, statistic, state, slot };

/// A weight as its layer asks for it. Order of declaration is Keras's order.
struct WeightSpec {
  std::string name;  // "kernel"
  Shape shape;
  Ref<Initializer> initializer;
  Ref<Regularizer> regularizer = {};
  Ref<Constraint> constraint = {};
  VariableKind kind = VariableKind::trainable;
};

/// What a layer sees while shapes and weights are worked out. Shapes may hold kUnknown.
class BuildContext {
 public:
  BuildContext(std::vector<TensorSpec> inputs, DType dtype, ParseContext where)
      : inputs_(std::move(inputs)), dtype_(dtype), where_(std::move(where)) {}

  int input_count() const { return static_cast<int>(inputs_.size()); }
  const TensorSpec& input(int i = 0) const { return inputs_[static_cast<size_t>(i)]; }
  const Shape& shape(int i = 0) const { return input(i).shape; }
  /// The layer's own dtype.
  DType dtype() const { return dtype_; }

  /// Declares the next weight; its number is what CallContext::weight takes.
  int add_weight(WeightSpec spec);
  void add_output(TensorSpec spec) { outputs_.push_back(std::move(spec)); }
  /// An output of the layer's dtype.
  void add_output(Shape shape) { outputs_.push_back({dtype_, std::move(shape)}); }

  /// Complains about an argument ("" = about the layer). A layer that complains adds no output.
  void error(const std::string& arg, std::string code, Diagnostics::Params params = {});
  /// Complains unless the input has this rank. `what`: "Conv2D".
  bool expect_rank(int rank, int input = 0);
  /// Complains unless a dimension (negative counts from the end) of the input is known; a weight's shape needs it.
  bool expect_known(int axis, int input = 0);

  bool failed() const { return failed_; }
  const std::vector<WeightSpec>& weights() const { return weights_; }
  const std::vector<TensorSpec>& outputs() const { return outputs_; }

 private:
  std::vector<TensorSpec> inputs_;
  DType dtype_;
  ParseContext where_;
  std::vector<WeightSpec> weights_;
  std::vector<TensorSpec> outputs_;
  bool failed_ = false;
};

/// What a layer sees while it lowers one call to ops. Shapes are concrete.
class CallContext {
 public:
  struct Update {
    int weight;
    Value value;
  };

  CallContext(Graph& graph, std::vector<Value> inputs, std::vector<Value> weights, bool training, uint32_t first_stream)
      : graph_(graph), inputs_(std::move(inputs)), weights_(std::move(weights)), training_(training),
        next_stream_(first_stream) {}

  Graph& graph() { return graph_; }
  int input_count() const { return static_cast<int>(inputs_.size()); }
  Value input(int i = 0) const { return inputs_[static_cast<size_t>(i)]; }
  const std::vector<Value>& inputs() const { return inputs_; }
  Value weight(int i) const { return weights_[static_cast<size_t>(i)]; }
  bool training() const { return training_; }
  void add_output(Value value) { outputs_.push_back(value); }
  /// The weight (a statistic) takes this value after the step.
  void update_weight(int weight, Value value) { updates_.push_back({weight, value}); }
  /// A rank-0 term added to the training loss.
  void add_loss(Value loss) { losses_.push_back(loss); }
  /// A random stream nobody else in the model uses; the same at every lowering of the model.
  uint32_t next_random_stream() { return next_stream_++; }

  const std::vector<Value>& outputs() const { return outputs_; }
  const std::vector<Update>& updates() const { return updates_; }
  const std::vector<Value>& losses() const { return losses_; }

 private:
  Graph& graph_;
  std::vector<Value> inputs_;
  std::vector<Value> weights_;
  bool training_;
  uint32_t next_stream_;
  std::vector<Value> outputs_;
  std::vector<Update> updates_;
  std::vector<Value> losses_;
};

/// How many tensors a layer takes. max 0: any number.
struct InputArity {
  int min = 1;
  int max = 1;
};

class Layer : public Declared {
 public:
  static constexpr const char* kGroup = "layers";
  static const Registry& registry();

  // Keras's arguments common to all layers; Declaration helpers add them to every layer (layer_declaration.h).
  std::string name;
  bool trainable = true;
  DTypePolicy dtype;
  Ref<Regularizer> activity_regularizer;

  virtual InputArity arity() const { return {}; }
  /// Checks input shapes against the arguments, declares weights, says the output shapes.
  virtual void build(BuildContext& context) const = 0;
  /// Lowers one call. Runs only after a build without complaints. Weights come in the order build declared them.
  virtual void call(CallContext& context) const = 0;
};

}  // namespace trainyard

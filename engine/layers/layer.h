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
  /// Strings, which only layers that read text take (text_reader.h); the dtype then says nothing, or what stands for them in
  /// the graph.
  bool text = false;
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

enum class VariableKind : uint8_t { trainable, statistic, state, slot };

/// A weight as its layer asks for it. Order of declaration is Keras's order.
struct WeightSpec {
  std::string name;  // "kernel"
  Shape shape;
  Ref<Initializer> initializer;
  Ref<Regularizer> regularizer = {};
  Ref<Constraint> constraint = {};
  VariableKind kind = VariableKind::trainable;
  /// Off: it belongs to an inner layer that is frozen.
  bool trainable = true;
};

/// Tensors of more elements (unknown sizes counted as 1) are refused, so that products of sizes fit 64 bits.
inline constexpr int64_t kLargestTensor = int64_t{1} << 40;

/// How a layer is called, beside its tensors.
struct CallArguments {
  /// Keyword arguments that are no tensors ("use_causal_mask": true), or null.
  const Json* values = nullptr;
  /// What each input is called ("query", "attention_mask"), "" where it has no name; may be shorter than the inputs.
  std::vector<std::string> names = {};

  /// A keyword argument that is true.
  bool flag(std::string_view name) const;
  /// The input of that name; -1 when it was not given.
  int input(std::string_view name) const;
};

/// What a layer sees while shapes and weights are worked out. Shapes may hold kUnknown.
class BuildContext {
 public:
  BuildContext(std::vector<TensorSpec> inputs, DType dtype, ParseContext where, CallArguments arguments = {})
      : inputs_(std::move(inputs)), dtype_(dtype), where_(std::move(where)), arguments_(std::move(arguments)) {}

  int input_count() const { return static_cast<int>(inputs_.size()); }
  const TensorSpec& input(int i = 0) const { return inputs_[static_cast<size_t>(i)]; }
  const Shape& shape(int i = 0) const { return input(i).shape; }
  /// The layer's own dtype.
  DType dtype() const { return dtype_; }
  const CallArguments& arguments() const { return arguments_; }

  /// Declares the next weight; its number is what CallContext::weight takes.
  int add_weight(WeightSpec spec);
  void add_output(TensorSpec spec);
  /// An output of the layer's dtype.
  void add_output(Shape shape) { add_output({dtype_, std::move(shape)}); }

  /// The weight that is declared next gets this before its name ("lstm_cell/"); wrappers set it around the inner layer's build.
  void set_weight_prefix(std::string prefix) { weight_prefix_ = std::move(prefix); }
  const std::string& weight_prefix() const { return weight_prefix_; }

  /// Takes over the weights and complaints of an inner layer's build (wrapper.h): weights get `prefix` before their names,
  /// and are frozen unless `trainable`. `pointer`: where the inner layer stands in the outer one's config ("/cell"). Gives the
  /// number of the first weight.
  int adopt(const BuildContext& inner, const std::string& prefix, const std::string& pointer, bool trainable,
            bool has_build_config);
  /// An inner layer and the shape it was built with; Keras writes that beside its config.
  struct InnerShape {
    std::string pointer;  // JSON pointer from the outer layer's config: "/cell/config/cells/0"
    Shape shape;
  };
  const std::vector<InnerShape>& inner_shapes() const { return inner_shapes_; }
  /// Where complaints about an argument go.
  ParseContext place_of(const std::string& arg) const { return arg.empty() ? where_ : where_.child(arg); }

  /// Complains about an argument ("" = about the layer). A layer that complains adds no output.
  void error(const std::string& arg, std::string code, Diagnostics::Params params = {});
  /// Complains unless the input has this rank, or one of at least `rank`.
  bool expect_rank(int rank, int input = 0);
  bool expect_min_rank(int rank, int input = 0);
  /// Complains unless a dimension (negative counts from the end) of the input is known; a weight's shape needs it.
  bool expect_known(int axis, int input = 0);

  bool failed() const { return failed_; }
  const std::vector<WeightSpec>& weights() const { return weights_; }
  const std::vector<TensorSpec>& outputs() const { return outputs_; }

 private:
  std::vector<TensorSpec> inputs_;
  DType dtype_;
  ParseContext where_;
  CallArguments arguments_;
  std::vector<WeightSpec> weights_;
  std::vector<TensorSpec> outputs_;
  std::vector<InnerShape> inner_shapes_;
  std::string weight_prefix_;
  bool failed_ = false;
};

/// What a layer sees while it lowers one call to ops. Shapes are concrete.
class CallContext {
 public:
  struct Update {
    int weight;
    Value value;
  };

  struct Setup {
    std::vector<Value> inputs;
    /// A boolean value [batch, time ...] for each input, or none; may be shorter than inputs.
    std::vector<Value> masks = {};
    std::vector<Value> weights = {};
    bool training = false;
    /// Streams from here on are this call's own, kStreamsACall of them.
    uint32_t first_stream = 0;
    /// Keyword arguments of the call ("use_causal_mask": true), or null.
    const Json* arguments = nullptr;
    /// What each input is called, as in CallArguments.
    std::vector<std::string> names = {};
  };
  /// Many, because a wrapper may call its inner layer once for each time step.
  static constexpr uint32_t kStreamsACall = 65536;

  CallContext(Graph& graph, Setup setup) : graph_(graph), setup_(std::move(setup)), next_stream_(setup_.first_stream) {}

  Graph& graph() { return graph_; }
  int input_count() const { return static_cast<int>(setup_.inputs.size()); }
  Value input(int i = 0) const { return setup_.inputs[static_cast<size_t>(i)]; }
  const std::vector<Value>& inputs() const { return setup_.inputs; }
  /// The mask that came with input i; no value when there is none.
  Value mask(int i = 0) const {
    return static_cast<size_t>(i) < setup_.masks.size() ? setup_.masks[static_cast<size_t>(i)] : Value();
  }
  Value weight(int i) const { return setup_.weights[static_cast<size_t>(i)]; }
  const std::vector<Value>& weights() const { return setup_.weights; }
  bool training() const { return setup_.training; }
  /// A keyword argument of the call that is true ("use_causal_mask").
  bool flag(const char* argument) const;
  CallArguments arguments() const { return {setup_.arguments, setup_.names}; }
  const Setup& setup() const { return setup_; }
  void add_output(Value value) { outputs_.push_back(value); }
  /// The mask of output i; without this call a layer that supports_masking() passes on the mask of input 0.
  void set_output_mask(int i, Value mask);
  /// The weight (a statistic) takes this value after the step.
  void update_weight(int weight, Value value) { updates_.push_back({weight, value}); }
  /// A rank-0 term added to the training loss.
  void add_loss(Value loss) { losses_.push_back(loss); }
  /// A random stream nobody else in the model uses; the same at every lowering of the model.
  uint32_t next_random_stream() { return next_stream_++; }
  /// The stream that would come next: where an inner layer's call begins, and where the outer one goes on after it.
  uint32_t random_stream() const { return next_stream_; }
  void set_random_stream(uint32_t next) { next_stream_ = next; }

  const std::vector<Value>& outputs() const { return outputs_; }
  Value output_mask(int i) const {
    return static_cast<size_t>(i) < output_masks_.size() ? output_masks_[static_cast<size_t>(i)] : Value();
  }
  bool masks_set() const { return masks_set_; }
  const std::vector<Update>& updates() const { return updates_; }
  const std::vector<Value>& losses() const { return losses_; }

 private:
  Graph& graph_;
  Setup setup_;
  uint32_t next_stream_;
  std::vector<Value> outputs_;
  std::vector<Value> output_masks_;
  bool masks_set_ = false;
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
  /// Says whether Keras may cast what comes in on its own; here the dtype alone decides.
  std::optional<bool> autocast;

  bool read_hint(const std::string& hint, const Json& value, const ParseContext& context) override;
  void write_hints(Json& config) const override;
  virtual InputArity arity() const { return {}; }
  /// Integer inputs reach the layer as they are; else they are cast to the layer's dtype, as floating ones of another
  /// width always are.
  virtual bool keeps_integers() const { return false; }
  /// Passes the mask of its (first) input on to its outputs.
  virtual bool supports_masking() const { return false; }
  /// Keras writes a build_config for it (it does where the layer's own `build` ran).
  virtual bool has_build_config() const { return true; }
  /// Keyword arguments of a call that the layer knows; others must be null.
  virtual std::vector<std::string> call_arguments() const { return {}; }
  /// What Keras calls the tensors that a call takes one by one ("query", "value", "key", ...), in order; layers that take
  /// one tensor or a list have none. All of them may come as keyword arguments too.
  virtual std::vector<std::string> input_names() const { return {}; }
  /// Keyword arguments of a call that hold tensors ("initial_state"); they follow the positional ones as further inputs,
  /// but for "mask", which takes the place of the masks that the inputs carry.
  virtual std::vector<std::string> tensor_arguments() const { return {}; }
  /// Works out each sample of a batch by itself, in training too: a batch may be cut or folded without changing results.
  virtual bool works_by_sample() const { return false; }
  /// Inputs from this one on come as one list, which is how Keras writes its inbound nodes; -1: each by itself.
  virtual int list_begin() const { return arity().max == 0 ? 0 : -1; }
  bool takes_list() const { return list_begin() == 0; }
  /// Checks input shapes against the arguments, declares weights, says the output shapes.
  virtual void build(BuildContext& context) const = 0;
  /// Lowers one call. Runs only after a build without complaints. Weights come in the order build declared them.
  virtual void call(CallContext& context) const = 0;
};

/// A layer as an argument of a layer (a cell, what a wrapper wraps), as Keras writes it. One without a name is given its
/// class's ("lstm_cell").
template <>
struct ArgTraits<Ref<Layer>> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, Ref<Layer>& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const Ref<Layer>& value);
};

/// Several of them, never none; names made up are made different.
template <>
struct ArgTraits<std::vector<Ref<Layer>>> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, std::vector<Ref<Layer>>& result, const ArgSpec& spec,
                    const ParseContext& context);
  static Json print(const std::vector<Ref<Layer>>& value);
};

}  // namespace trainyard

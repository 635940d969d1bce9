// One of Keras's operations (keras.ops, x[:, 0]) among the layers of a model.
#pragma once

#include <memory>

#include "engine/layers/layer.h"
#include "engine/layers/operation_call.h"

namespace trainyard {

/// What is tried in place of unknown sizes: the batch's, and that of every other dimension.
struct OpenSizes {
  int64_t batch = 1;
  int64_t other = 1;
};

/// Takes its tensors in the order in which they stand in the call's arguments. It neither sees nor passes on masks, and
/// has no weights. Shapes that hang on sizes yet unknown are worked out by trying: sizes of the result that go with them are
/// unknown too. An operation that mixes the samples of a batch sees the batch that it is run with.
class OperationLayer final : public Layer {
 public:
  /// The arguments are `operation`'s own (OperationArguments::unknown).
  OperationLayer(const Operation& operation, std::string module, OperationArguments arguments, size_t inputs);

  const ClassInfo& info() const override { return info_; }
  InputArity arity() const override { return {static_cast<int>(inputs_), static_cast<int>(inputs_)}; }
  bool keeps_integers() const override { return true; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;

  const std::string& module() const { return module_; }
  /// The positional and the keyword arguments, with a mark for each tensor.
  const OperationArguments& arguments() const { return arguments_; }

 private:
  std::vector<TensorSpec> try_sizes(const BuildContext& context, const OpenSizes& sizes) const;
  /// With everything unknown that is not the same for both, and for some smaller ones. Throws UserError.
  std::vector<TensorSpec> try_pair(const BuildContext& context, const OpenSizes& first, const OpenSizes& second) const;

  const Operation& operation_;
  std::string module_;
  OperationArguments arguments_;
  size_t inputs_;
  ClassInfo info_;
};

/// Key of an entry that holds an operation's arguments where its inbound nodes hold nothing but tensors, which is how the
/// page draws it: {"args": [...], "kwargs": {...}} with marks for the tensors.
inline constexpr const char* kOperationCall = "operation_call";

/// Stands before the class's name there, since some operations are called like a layer ("ops.Reshape").
inline constexpr const char* kOperationPrefix = "ops.";

/// A layer for the entry of an operation in a model's file. Null after complaining.
std::unique_ptr<OperationLayer> parse_operation(const Json& entry, const ParseContext& context);

}  // namespace trainyard

// Recurrent layers: they run a cell along time. x: [n, t, ..]
#pragma once

#include <array>
#include <string_view>

#include "engine/layers/recurrent_arguments.h"

namespace trainyard {

/// What all recurrent layers do around their cell: order of time, masks, states from outside or from the batch before.
class Recurrent : public Layer {
 public:
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;
  bool zero_output_for_mask = false;

  /// The cell it runs; null while its arguments have mistakes.
  virtual std::shared_ptr<const Cell> cell_in_use() const = 0;
  /// The argument that holds the cell; "" where the layer makes it from its own arguments.
  virtual std::string cell_argument() const { return {}; }
  /// Dimensions of its input with batch and time; 0: any from 3 on.
  virtual int input_rank() const { return 3; }
  int state_count() const;

  /// Inputs after the sequence are the initial states, all of them or none.
  InputArity arity() const override { return {1, 1 + state_count()}; }
  int list_begin() const override { return 1; }
  std::vector<std::string> tensor_arguments() const override { return {"initial_state", "mask"}; }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
};

/// Whether a fast kernel of NVIDIA's may be used: "auto", true or false. Keras does not write it into configs.
struct UseCudnn {
  std::optional<bool> choice;
};

template <>
struct ArgTraits<UseCudnn> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, UseCudnn& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const UseCudnn& value);
};

/// The arguments of Recurrent, in Keras's order.
template <typename T>
void add_sequence_arguments(Declaration<T>& declaration) {
  declaration.arg("return_sequences", &T::return_sequences, "Give the output of every step, not only of the last.")
      .arg("return_state", &T::return_state, "Give the states after the last step as further outputs.", kAdvanced)
      .arg("go_backwards", &T::go_backwards, "Read the sequence from its end.", kAdvanced)
      .arg("stateful", &T::stateful, "Go on with the states that the batch before left behind.", kAdvanced)
      .arg("unroll", &T::unroll, "A hint that changes no result.", {.advanced = true, .hint = true})
      .arg("zero_output_for_mask", &T::zero_output_for_mask,
           "Masked steps give zeros; off, they repeat the output before.", kAdvanced);
}

}  // namespace trainyard

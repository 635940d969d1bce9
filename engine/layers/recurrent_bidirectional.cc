// keras.layers.Bidirectional
#include "engine/layers/layer_families.h"
#include "engine/layers/recurrent.h"

namespace trainyard {
namespace {

enum class MergeMode : uint8_t { sum, mul, concat, ave };
constexpr std::array<std::string_view, 4> choice_names(MergeMode) { return {"sum", "mul", "concat", "ave"}; }

/// "backward_" in front of the name, once.
std::string with_prefix(const std::string& prefix, const std::string& name) {
  return name.rfind(prefix, 0) == 0 ? name : prefix + name;
}

const Recurrent* recurrent(const Ref<Layer>& layer) {
  return layer ? dynamic_cast<const Recurrent*>(&*layer) : nullptr;
}

/// Two recurrent layers, one of which reads the sequence from its end. x: [n, t, ..]
struct Bidirectional final : LayerOf<Bidirectional> {
  Ref<Layer> layer;
  std::optional<MergeMode> merge_mode = MergeMode::concat;
  Ref<Layer> backward_layer;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Bidirectional>("Bidirectional", "recurrent",
                                         "Reads a sequence from both ends and puts the two results together.")
            .arg("merge_mode", &Bidirectional::merge_mode,
                 "How the two outputs become one; None gives both by themselves.")
            .arg("layer", &Bidirectional::layer, "The recurrent layer that reads forwards.", kRequired)
            .arg("backward_layer", &Bidirectional::backward_layer,
                 "The one that reads backwards; left empty, it is made like the other.", kAdvanced)
            .refuse("weights", "null", "a file keeps its weights beside the layers")
            .settle([](Bidirectional& both) { both.make_directions(); })
            .rule([](const Bidirectional& both, const ParseContext& context) { both.check_directions(context); })
            .summary({"merge_mode"})
            .build();
    return kInfo;
  }

  InputArity arity() const override { return {1, 1 + 2 * half()}; }
  int list_begin() const override { return 1; }
  std::vector<std::string> tensor_arguments() const override { return {"initial_state", "mask"}; }
  bool supports_masking() const override { return true; }

  void build(BuildContext& context) const override {
    if (!context.expect_min_rank(3)) return;
    const int given = context.input_count() - 1;
    if (given != 0 && given != 2 * half())
      return context.error("", "rnn.initial_state",
                           {{"wanted", std::to_string(2 * half())}, {"given", std::to_string(given)}});
    // Initial states are halved between the two; without them an LSTM may go with a GRU.
    if (given != 0 && recurrent(backward_layer)->state_count() != half())
      return context.error("backward_layer", "bidirectional.states");
    const std::vector<TensorSpec> forward = build_inner(context, {"layer"}, *layer, inputs_of(context, 1));
    const std::vector<TensorSpec> backward =
        build_inner(context, {"backward_layer"}, *backward_layer, inputs_of(context, 1 + given / 2));
    if (forward.empty() || backward.empty()) return;
    if (!merge_mode) {
      context.add_output(forward[0]);
      context.add_output(backward[0]);
    } else if (*merge_mode == MergeMode::concat) {
      TensorSpec joined = forward[0];
      joined.shape[joined.shape.rank() - 1] += backward[0].shape.back();
      context.add_output(joined);
    } else if (forward[0].shape == backward[0].shape) {
      context.add_output(forward[0]);
    } else {
      return context.error("merge_mode", "bidirectional.units",
                           {{"forward", forward[0].shape.text()}, {"backward", backward[0].shape.text()}});
    }
    for (const auto* outputs : {&forward, &backward})
      for (size_t i = 1; i < outputs->size(); ++i) context.add_output((*outputs)[i]);
  }

  void call(CallContext& context) const override {
    const int given = context.input_count() - 1;
    const std::vector<Value> forward_inputs = inputs_of(context, 1);
    const std::vector<Value> backward_inputs = inputs_of(context, 1 + given / 2);
    InnerLayer forward(context, *layer, 0, forward_inputs);
    InnerLayer backward(context, *backward_layer, forward.end_weight(), backward_inputs);
    const std::vector<Value> there = forward.call(forward_inputs, {.masks = {context.mask()}}).values;
    const std::vector<Value> back = backward.call(backward_inputs, {.masks = {context.mask()}}).values;
    const bool sequences = recurrent(layer)->return_sequences;
    const Value y = sequences ? swap_time(reversed(swap_time(back[0]))) : back[0];
    const Value mask = sequences ? context.mask() : Value();
    context.set_output_mask(0, mask);
    if (merge_mode) {
      context.add_output(merged(there[0], y));
    } else {
      context.add_output(there[0]);
      context.add_output(y);
      context.set_output_mask(1, mask);
    }
    for (const auto* outputs : {&there, &back})
      for (size_t i = 1; i < outputs->size(); ++i) context.add_output((*outputs)[i]);
  }

 private:
  int half() const { return recurrent(layer) == nullptr ? 0 : recurrent(layer)->state_count(); }

  /// The sequence, and the initial states from number `first` on that belong to one direction.
  std::vector<TensorSpec> inputs_of(const BuildContext& context, int first) const {
    std::vector<TensorSpec> inputs{context.input()};
    for (int i = 0; i < (context.input_count() - 1) / 2; ++i) inputs.push_back(context.input(first + i));
    return inputs;
  }
  std::vector<Value> inputs_of(const CallContext& context, int first) const {
    std::vector<Value> inputs{context.input()};
    for (int i = 0; i < (context.input_count() - 1) / 2; ++i) inputs.push_back(context.input(first + i));
    return inputs;
  }

  Value merged(Value there, Value back) const {
    switch (*merge_mode) {
      case MergeMode::sum: return there + back;
      case MergeMode::mul: return there * back;
      case MergeMode::concat: return concat({there, back}, -1);
      case MergeMode::ave: return (there + back) / 2.0;
    }
    return there;
  }

  /// Keras makes both directions from what it was given: their names, the one that reads backwards if there is none, and
  /// zeros at masked steps where sequences are put together.
  void make_directions() {
    if (recurrent(layer) == nullptr || (backward_layer && recurrent(backward_layer) == nullptr)) return;
    const std::shared_ptr<Layer> forward = copy_of(*layer);
    const std::shared_ptr<Layer> backward = copy_of(backward_layer ? *backward_layer : *layer);
    forward->name = with_prefix("forward_", layer->name);
    if (!backward_layer) {
      backward->name = with_prefix("backward_", layer->name);
      dynamic_cast<Recurrent&>(*backward).go_backwards = true;
    }
    for (const std::shared_ptr<Layer>& direction : {forward, backward}) {
      auto& made = dynamic_cast<Recurrent&>(*direction);
      made.zero_output_for_mask = made.return_sequences;
    }
    layer = Ref<Layer>(forward);
    backward_layer = Ref<Layer>(backward);
  }

  void check_directions(const ParseContext& context) const {
    for (const auto& [name, entry] : {std::pair{"layer", &layer}, std::pair{"backward_layer", &backward_layer}})
      if (recurrent(*entry) == nullptr && *entry)
        return context.child(name).error("bidirectional.layer", {{"class_name", (*entry)->info().class_name}});
    const Recurrent& there = *recurrent(layer);
    const Recurrent& back = *recurrent(backward_layer);
    if (there.go_backwards == back.go_backwards) context.child("backward_layer").error("bidirectional.direction");
    const auto same = [&](const char* arg, bool alike) {
      if (!alike) context.child("backward_layer").child(arg).error("bidirectional.differs");
    };
    same("return_sequences", there.return_sequences == back.return_sequences);
    same("return_state", there.return_state == back.return_state);
    same("stateful", there.stateful == back.stateful);
  }
};

}  // namespace

LayerClasses bidirectional_layers() { return {&Bidirectional::declaration()}; }

}  // namespace trainyard

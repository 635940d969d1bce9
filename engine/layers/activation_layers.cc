#include "engine/layers/activation_layers.h"

#include <algorithm>

#include "engine/layers/activation_parametric.h"
#include "engine/layers/weight_arguments.h"

namespace trainyard::layers {

const ClassInfo& ActivationLayer::declaration() {
  static const ClassInfo kInfo =
      layer_declaration<ActivationLayer>("Activation", "activations", "Applies a function to every number.")
          .arg("activation", &ActivationLayer::activation, "The function.", kRequired)
          .summary({"activation"})
          .build();
  return kInfo;
}

void ActivationLayer::build(BuildContext& context) const {
  std::string problem;
  Shape shape = context.shape();
  if (activation.get()) shape = activation.get()->output_shape(shape, problem);
  if (!problem.empty()) return context.error("activation", "layer.activation", {{"problem", problem}});
  context.add_output(shape);
}

const ClassInfo& ReLU::declaration() {
  static const ClassInfo kInfo =
      layer_declaration<ReLU>("ReLU", "activations", "Keeps what is positive, makes the rest 0.")
          .arg("max_value", &ReLU::max_value, "Largest output; None for no limit.", {.min = 0, .open_ended = true})
          .arg("negative_slope", &ReLU::negative_slope, "Slope below the threshold.",
               {.min = 0, .null_is_default = true})
          .arg("threshold", &ReLU::threshold, "Where it begins to pass values.", {.min = 0, .null_is_default = true})
          .summary({"max_value"})
          .build();
  return kInfo;
}

void ReLU::call(CallContext& context) const {
  context.add_output(activations::relu(context.input(), negative_slope, max_value, threshold));
}

const ClassInfo& LeakyReLU::declaration() {
  static const ClassInfo kInfo =
      layer_declaration<LeakyReLU>("LeakyReLU", "activations", "ReLU that lets a little through below 0.")
          .arg("negative_slope", &LeakyReLU::negative_slope, "Slope below 0.", {.min = 0})
          .summary({"negative_slope"})
          .build();
  return kInfo;
}

void LeakyReLU::call(CallContext& context) const {
  context.add_output(activations::relu(context.input(), negative_slope, std::nullopt, 0));
}

const ClassInfo& ELU::declaration() {
  static const ClassInfo kInfo =
      layer_declaration<ELU>("ELU", "activations", "Like ReLU, but bends smoothly to -alpha below 0.")
          .arg("alpha", &ELU::alpha, "How far below 0 it goes.")
          .summary({"alpha"})
          .build();
  return kInfo;
}

void ELU::call(CallContext& context) const { context.add_output(activations::elu(context.input(), alpha)); }

const ClassInfo& PReLU::declaration() {
  static const ClassInfo kInfo = [] {
    auto declaration = layer_declaration<PReLU>("PReLU", "activations", "ReLU whose slope below 0 is learned.");
    add_initializer(declaration, "alpha", &PReLU::alpha_initializer, "the slope");
    add_regularizer(declaration, "alpha", &PReLU::alpha_regularizer, "the slope");
    add_constraint(declaration, "alpha", &PReLU::alpha_constraint, "the slope");
    declaration.arg("shared_axes", &PReLU::shared_axes,
                    "Dimensions (1 is the first after the batch) that share one slope.", {.min = 1, .max = 7});
    return declaration.build();
  }();
  return kInfo;
}

void PReLU::build(BuildContext& context) const {
  if (!context.expect_min_rank(2)) return;
  Shape alpha = context.shape().drop_front();
  for (const int64_t axis : shared_axes.value_or(std::vector<int64_t>{})) {
    if (axis > alpha.rank())
      return context.error("shared_axes", "layer.axis",
                           {{"axis", std::to_string(axis)}, {"shape", context.shape().text()}});
    alpha[static_cast<int>(axis) - 1] = 1;
  }
  for (int i = 0; i < alpha.rank(); ++i)
    if (alpha[i] == kUnknown) return void(context.expect_known(i + 1));
  context.add_weight({"alpha", alpha, alpha_initializer, alpha_regularizer, alpha_constraint});
  if (!context.failed()) context.add_output(context.shape());
}

void PReLU::call(CallContext& context) const {
  const Value x = context.input();
  context.add_output(relu(x) - context.weight(0) * relu(-x));
}

const ClassInfo& SoftmaxLayer::declaration() {
  static const ClassInfo kInfo =
      layer_declaration<SoftmaxLayer>("Softmax", "activations", "Turns numbers into probabilities that add up to 1.")
          .arg("axis", &SoftmaxLayer::axis, "The dimension (or dimensions together) that add up to 1.",
               {.min = -8, .max = 7})
          .summary({"axis"})
          .build();
  return kInfo;
}

void SoftmaxLayer::build(BuildContext& context) const {
  const Shape& shape = context.shape();
  if (axis.axes.empty()) return context.error("axis", "argument.missing");
  for (const int64_t entry : axis.axes)
    if (resolve_axis(entry, shape.rank()) < 0)
      return context.error("axis", "layer.axis", {{"axis", std::to_string(entry)}, {"shape", shape.text()}});
  context.add_output(shape);
}

namespace {

/// A mask of the first dimensions of x, which broadcasts against it; others broadcast as they are.
Value lined_up(Value mask, const Shape& x) {
  if (mask.rank() >= x.rank() || mask.shape() != x.slice(0, mask.rank())) return mask;
  Shape shape = mask.shape();
  while (shape.rank() < x.rank()) shape.push_back(1);
  return reshape(mask, shape);
}

}  // namespace

void SoftmaxLayer::call(CallContext& context) const {
  Value x = context.input();
  Value mask = context.mask();
  if (mask) {  // Keras's large negative number for what is masked
    mask = lined_up(mask, x.shape());
    x = select(mask, x, x.graph().scalar(-1e9, x.dtype()));
  }
  // Where everything is masked, nothing has a share.
  const auto add = [&](Value y) { context.add_output(mask ? select(mask, y, y.graph().scalar(0, y.dtype())) : y); };
  std::vector<int> chosen;
  for (const int64_t entry : axis.axes) chosen.push_back(resolve_axis(entry, x.rank()));
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  if (chosen.size() == 1) return add(softmax(x, chosen[0]));
  // Several: bring them to the end, flatten them, and go back.
  std::vector<int> order;
  for (int i = 0; i < x.rank(); ++i)
    if (!std::binary_search(chosen.begin(), chosen.end(), i)) order.push_back(i);
  Shape flat;
  for (const int i : order) flat.push_back(x.shape()[i]);
  order.insert(order.end(), chosen.begin(), chosen.end());
  const Value moved = transpose(x, order);
  flat.push_back(x.shape().elements() / std::max<int64_t>(1, flat.elements()));
  std::vector<int> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[static_cast<size_t>(order[i])] = static_cast<int>(i);
  add(transpose(reshape(softmax(reshape(moved, flat)), moved.shape()), back));
}

}  // namespace trainyard::layers

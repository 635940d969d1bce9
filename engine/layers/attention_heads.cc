#include "engine/layers/attention_heads.h"

#include <algorithm>

namespace trainyard {

void add_projection(BuildContext& context, const HeadOptions& options, const std::string& name, Shape kernel,
                    Shape bias) {
  context.add_weight({name + "/kernel", std::move(kernel), options.kernel_initializer, options.kernel_regularizer,
                      options.kernel_constraint});
  if (options.use_bias)
    context.add_weight(
        {name + "/bias", std::move(bias), options.bias_initializer, options.bias_regularizer, options.bias_constraint});
}

Value Projections::next(Value x, int bound, bool sigmoid) {
  const Value kernel = context_.weight(weight_++);
  const int64_t inner = kernel.shape().elements_in(0, bound);
  const int64_t outer = kernel.shape().elements() / inner;
  Shape shape = x.shape().slice(0, x.rank() - bound);
  Value y = matmul(reshape(x, {shape.elements(), inner}), reshape(kernel, {inner, outer}));
  if (options_.use_bias) y = y + reshape(context_.weight(weight_++), {outer});
  if (sigmoid) y = trainyard::sigmoid(y);
  for (int d = bound; d < kernel.rank(); ++d) shape.push_back(kernel.shape()[d]);
  y = reshape(y, shape);
  if (activity_) context_.add_loss(activity_->penalty(y) / static_cast<double>(shape.front()));
  return y;
}

std::vector<int> AttentionAxes::to_heads() const {
  std::vector<int> order = batch;
  order.push_back(input_rank - 1);
  order.insert(order.end(), attended.begin(), attended.end());
  order.push_back(input_rank);
  return order;
}

Shape AttentionAxes::sizes(const Shape& shape, const std::vector<int>& axes) {
  Shape result;
  for (const int axis : axes) result.push_back(shape[axis]);
  return result;
}

namespace {

/// Mends a part of a mask that broadcasts along some of its dimensions only, so that it can be one dimension.
void settle_part(Shape& mask, const Shape& whole, int first, int last) {
  bool ones = true;
  for (int d = first; d < last; ++d) ones = ones && mask[d] == 1;
  for (int d = first; d < last && !ones; ++d) mask[d] = whole[d];
}

/// The masks of one call.
class HeadMask {
 public:
  HeadMask(CallContext& context, const NamedInputs& inputs, const AttentionAxes& axes, int64_t heads)
      : context_(context), inputs_(inputs), axes_(axes), heads_(heads) {}

  /// The mask that came as an argument, else the one that the tensor carries.
  Value of(const char* name) const {
    const int argument = inputs_.find(std::string(name) + "_mask");
    if (argument >= 0) return binary(op::BinaryKind::not_equal, context_.input(argument), 0.0);
    const int tensor = inputs_.find(name);
    return tensor < 0 ? Value() : context_.mask(tensor);
  }

  /// A mask [n, ..] of a tensor's positions, which says nothing of dimensions that it does not have:
  /// [groups, 1, queries, 1], or [groups, 1, 1, keys] for keys.
  Value of_positions(Value mask, bool keys) const {
    if (!mask) return {};
    Shape shape = mask.shape();
    while (shape.rank() < axes_.input_rank - 1) shape.push_back(1);
    std::vector<int> order = axes_.batch;
    order.insert(order.end(), axes_.attended.begin(), axes_.attended.end());
    const Shape& input = context_.input(std::max(0, inputs_.find(keys ? "value" : "query"))).shape();
    Shape whole;
    for (const int axis : order) whole.push_back(input[axis]);
    const Value ordered = transpose(reshape(mask, shape), order);
    const auto split = static_cast<int>(axes_.batch.size());
    Shape settled = ordered.shape();
    settle_part(settled, whole, 0, split);
    settle_part(settled, whole, split, settled.rank());
    const int64_t groups = settled.elements_in(0, split);
    const int64_t positions = settled.elements_in(split, settled.rank());
    return reshape(broadcast_to(ordered, settled),
                   keys ? Shape{groups, 1, 1, positions} : Shape{groups, 1, positions, 1});
  }

  /// attention_mask, whose last dimensions are queries and keys and whose first are the batch's; what lies between is 1.
  Value of_pairs(const Shape& whole) const {
    const int given = inputs_.find("attention_mask");
    if (given < 0) return {};
    const Value mask = binary(op::BinaryKind::not_equal, context_.input(given), 0.0);
    const auto attended = static_cast<int>(axes_.attended.size());
    Shape shape;
    for (int d = 0; d < mask.rank() - 2 * attended; ++d) shape.push_back(mask.shape()[d]);
    while (shape.rank() < whole.rank() - 2 * attended) shape.push_back(1);
    for (int d = mask.rank() - 2 * attended; d < mask.rank(); ++d) shape.push_back(mask.shape()[d]);
    const auto split = static_cast<int>(axes_.batch.size());
    Shape settled = shape;
    settle_part(settled, whole, 0, split);
    settle_part(settled, whole, split + 1, split + 1 + attended);
    settle_part(settled, whole, split + 1 + attended, settled.rank());
    return reshape(broadcast_to(reshape(mask, shape), settled),
                   {settled.elements_in(0, split), settled[split], settled.elements_in(split + 1, split + 1 + attended),
                    settled.elements_in(split + 1 + attended, settled.rank())});
  }

  Shape scores_shape() const {
    const Shape& query = context_.input(inputs_.find("query")).shape();
    const Shape& value = context_.input(inputs_.find("value")).shape();
    Shape shape = AttentionAxes::sizes(query, axes_.batch);
    shape.push_back(heads_);
    for (const int axis : axes_.attended) shape.push_back(query[axis]);
    for (const int axis : axes_.attended) shape.push_back(value[axis]);
    return shape;
  }

 private:
  CallContext& context_;
  const NamedInputs& inputs_;
  const AttentionAxes& axes_;
  int64_t heads_;
};

/// A mask [n, ..] names dimensions of a tensor from the first on, but not its features.
bool fits_positions(const Shape& mask, const Shape& tensor) {
  bool fits = mask.rank() >= 1 && mask.rank() < tensor.rank();
  for (int d = 0; fits && d < mask.rank(); ++d)
    fits = mask[d] == tensor[d] || mask[d] == kUnknown || tensor[d] == kUnknown;
  return fits;
}

}  // namespace

Value head_mask(CallContext& context, const NamedInputs& inputs, const AttentionAxes& axes, int64_t heads,
                std::optional<int64_t> window) {
  const HeadMask masks(context, inputs, axes, heads);
  Value mask = masks.of_positions(masks.of("query"), false);
  mask = both(mask, masks.of_positions(masks.of("value"), true));
  if (inputs.find("key") >= 0 || inputs.find("key_mask") >= 0)
    mask = both(mask, masks.of_positions(masks.of("key"), true));
  if (const bool causal = context.flag("use_causal_mask"); causal || window) {
    const int axis = axes.attended.front();
    const int64_t queries = context.input(inputs.find("query")).shape()[axis];
    const int64_t keys = context.input(inputs.find("value")).shape()[axis];
    mask = both(mask, context.graph().constant(position_mask(queries, keys, causal, window)));
  }
  return both(mask, masks.of_pairs(masks.scores_shape()));
}

Value head_weights(const CallContext& context, Value scores, Value mask, bool fused) {
  return fused && !context.flag("return_attention_scores") ? masked_softmax(scores, mask)
                                                           : softmax_of_seen(scores, mask);
}

bool check_head_masks(BuildContext& context, const NamedInputs& inputs, const AttentionAxes& axes, const Shape& scores,
                      std::optional<int64_t> window) {
  const auto attended = static_cast<int>(axes.attended.size());
  if (attended != 1 && (window || context.arguments().flag("use_causal_mask")))
    return context.error(window ? "sliding_window" : "attention_axes", "attention.order"), false;
  for (const char* name : {"query", "value", "key"}) {
    const int mask = inputs.find(std::string(name) + "_mask");
    const int masked = inputs.find(inputs.find(name) < 0 ? "value" : name);  // without a key the value is the key
    if (mask >= 0 && !fits_positions(context.shape(mask), context.shape(masked)))
      return context.error("", "attention.mask",
                           {{"mask", context.shape(mask).text()}, {"scores", context.shape(masked).text()}}),
             false;
  }
  const int given = inputs.find("attention_mask");
  if (given < 0) return true;
  const Shape& mask = context.shape(given);
  const int lead = mask.rank() - 2 * attended;
  bool fits = lead >= 0 && mask.rank() <= scores.rank();
  for (int d = 0; fits && d < mask.rank(); ++d) {
    const int64_t wanted = scores[d < lead ? d : d + scores.rank() - mask.rank()];
    fits = mask[d] == 1 || mask[d] == kUnknown || wanted == kUnknown || mask[d] == wanted;
  }
  if (!fits) context.error("", "attention.mask", {{"mask", mask.text()}, {"scores", scores.text()}});
  return fits;
}

}  // namespace trainyard

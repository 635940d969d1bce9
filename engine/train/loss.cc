#include "engine/train/loss.h"

#include <nlohmann/json.hpp>

#include "engine/train/losses/loss_classes.h"
#include "engine/train/losses/loss_functions.h"

namespace trainyard {
namespace {

/// Appends dimensions of 1 so that one weight a sample stands before all of the sample's losses.
Value spread_over(Value weight, const Shape& losses) {
  Shape shape = weight.shape();
  if (shape.rank() >= losses.rank() || shape.rank() == 0) return weight;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] != losses[axis] && shape[axis] != 1) return weight;
  while (shape.rank() < losses.rank()) shape.push_back(1);
  return reshape(weight, shape);
}

/// Weights of the losses from a mask: where the reduction divides by the number of losses, the valid ones weigh more.
Value mask_weights(Value mask, LossReduction reduction, DType dtype) {
  const Value weights = cast(mask, dtype);
  switch (reduction) {
    case LossReduction::mean:
    case LossReduction::sum_over_batch_size: {
      const Value total = mask.graph().scalar(static_cast<double>(mask.shape().elements()), dtype);
      return weights * divide_no_nan(total, sum(weights));
    }
    case LossReduction::sum:
    case LossReduction::mean_with_sample_weight:
    case LossReduction::none: return weights;
  }
  return weights;
}

Value merge_mask(Value weights, Value mask, LossReduction reduction, DType dtype) {
  if (!mask) return weights;
  const Value from_mask = mask_weights(mask, reduction, dtype);
  if (!weights) return from_mask;
  const auto [a, b] = squeeze_or_expand(from_mask, weights);
  return spread_over(b, a.shape()) * spread_over(a, b.shape());
}

Value reduce_losses(Value losses, Value weights, LossReduction reduction) {
  if (reduction == LossReduction::none || losses.rank() == 0) return losses;
  const Value total = sum(losses);
  switch (reduction) {
    case LossReduction::sum:
    case LossReduction::none: return total;
    case LossReduction::mean_with_sample_weight:
      if (weights) return divide_no_nan(total, sum(weights));
      break;
    case LossReduction::sum_over_batch_size:
    case LossReduction::mean: break;
  }
  return total / static_cast<double>(losses.shape().elements());
}

Value both(Value a, Value b) {
  if (!a || !b) return a ? a : b;
  return binary(op::BinaryKind::logical_and, a, b);
}

}  // namespace

void ArgTraits<LossReduction>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::choice;
  for (const std::string_view name : choice_names(LossReduction{})) spec.choices.emplace_back(name);
}

bool ArgTraits<LossReduction>::parse(const Json& value, LossReduction& result, const ArgSpec&,
                                     const ParseContext& context) {
  if (value.is_null()) return result = LossReduction::none, true;
  constexpr auto names = choice_names(LossReduction{});
  for (size_t i = 0; i < names.size(); ++i)
    if (value.is_string() && value.get<std::string>() == names[i]) return result = static_cast<LossReduction>(i), true;
  context.error("argument.choice", {{"choices", "sum_over_batch_size, sum, mean, mean_with_sample_weight, none"},
                                    {"value", value.dump()}});
  return false;
}

Json ArgTraits<LossReduction>::print(LossReduction value) { return choice_names(value)[static_cast<size_t>(value)]; }

bool Loss::accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const {
  if (labels_fit(label_kind(), y_true, label_kind() == LabelKind::classes ? classes_last(*this, y_pred) : y_pred))
    return true;
  context.error("loss.shapes", {{"loss", info().class_name},
                                {"expected", std::string(label_text(label_kind()))},
                                {"labels", y_true.text()},
                                {"predictions", y_pred.text()}});
  return false;
}

Value Loss::operator()(Value y_true, Value y_pred, Value sample_weight, Value mask) const {
  if (!is_floating(y_pred.dtype())) y_pred = cast(y_pred, DType::f32);  // class numbers, yes or no
  const DType result_dtype = y_pred.dtype();
  const DType compute = dtype.dtype.value_or(result_dtype);
  const Value labels = is_floating(y_true.dtype()) ? cast(y_true, compute) : y_true;
  Value losses = call(labels, cast(y_pred, compute));
  Value weights = sample_weight ? cast(sample_weight, compute) : Value();
  weights = merge_mask(weights, both(mask, losses_mask(labels, losses)), reduction, compute);
  if (weights) {
    const auto [values, same_rank] = squeeze_or_expand(losses, weights);
    weights = spread_over(same_rank, values.shape());
    if (!stretch_to_each_other(values.shape(), weights.shape()))
      throw UserError(
          "loss.weights", "loss",
          {{"loss", info().class_name}, {"losses", values.shape().text()}, {"weights", weights.shape().text()}});
    losses = values * weights;
  }
  return cast(reduce_losses(losses, weights, reduction), result_dtype);
}

const Registry& Loss::registry() {
  static const Registry kRegistry = [] {
    std::vector<const ClassInfo*> classes;
    for (const auto& family : {crossentropy_losses(), regression_losses(), focal_losses(), overlap_losses(),
                               embedding_losses(), sequence_losses()})
      classes.insert(classes.end(), family.begin(), family.end());
    return Registry(kGroup, std::move(classes));
  }();
  return kRegistry;
}

std::shared_ptr<const Loss> parse_loss(const Json& json, const ParseContext& context) {
  std::shared_ptr<const Declared> parsed = Loss::registry().parse(json, context);
  return std::static_pointer_cast<const Loss>(parsed);
}

}  // namespace trainyard

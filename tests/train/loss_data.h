// Labels and predictions that suit each loss, [4, 3, 3] where the loss takes any shape.
#pragma once

#include "tests/train/parts.h"

namespace trainyard::testing {

struct LossData {
  Tensor y_true;
  Tensor y_pred;  // f64
};

LossData loss_data(const std::string& class_name);

/// The losses' arguments, each at a value other than its default. `base`: what else must be set for it to matter.
struct ArgVariant {
  std::string class_name;
  std::string arg;
  Json value;
  Json base = Json::object();
};
const std::vector<ArgVariant>& loss_variants();

/// The reduced loss on this data.
double loss_value(const Json& config, const LossData& data, const Tensor& weights = {});
/// The losses of the samples.
std::vector<double> sample_losses(const std::string& class_name, Json config, const LossData& data);

}  // namespace trainyard::testing

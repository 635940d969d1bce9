// What can be said of a model without running it: shapes, parameters, arithmetic, memory.
#pragma once

#include <string>
#include <vector>

#include "engine/layers/model.h"
#include "engine/runtime/session.h"

namespace trainyard {

/// One layer of the table. Costs are forward, for one sample.
struct LayerReport {
  int layer = -1;
  std::string id, name, class_name, family;
  std::vector<Shape> output_shapes;
  int64_t params = 0;
  int64_t trainable_params = 0;
  int64_t macs = 0;
  int64_t activation_bytes = 0;
  std::vector<std::string> inbound;  // names
};

struct ModelReport {
  std::vector<LayerReport> layers;
  int64_t params = 0;
  int64_t trainable_params = 0;
  int64_t macs = 0;
};

/// Layers that could not be built have no shapes; costs are 0 then. Unknown sizes beside the batch count as
/// the least power of 2 that all layers can work on, mostly 1; costs are 0 where none up to 1024 does.
ModelReport report_model(const Model& model, const ModelPlan& plan);

/// Inputs or outputs of a model: [{"name", "shape", "dtype"}], null for unknown sizes. What could not be built is left out.
Json describe_ends(const Model& model, const ModelPlan& plan, const std::vector<TensorRef>& ends);

}  // namespace trainyard

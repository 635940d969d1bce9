#include "engine/api/memory_check.h"

#include <cstdio>

#include "engine/api/report.h"

namespace trainyard {
namespace {

std::string gigabytes(uint64_t bytes) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

[[noreturn]] void refuse(const std::string& least, uint64_t needed, uint64_t limit) {
  throw UserError("memory.exhausted", "model",
                  {{"bytes", least + gigabytes(needed) + " (" + gigabytes(limit) + " can be had)"}});
}

/// In 64 bits, whatever the machine's size_t.
uint64_t weight_bytes(const ModelPlan& plan) {
  uint64_t elements = 0;
  for (const WeightInfo& weight : plan.weights) elements += static_cast<uint64_t>(weight.spec.shape.elements());
  return elements * sizeof(float);
}

}  // namespace

void check_model_memory(const ModelPlan& plan, uint64_t limit) {
  if (limit > 0 && weight_bytes(plan) > limit) refuse("at least ", weight_bytes(plan), limit);
}

void check_training_memory(const std::shared_ptr<const Model>& model, const ModelPlan& plan, const TrainingSetup& setup,
                           const Samples& samples, int64_t batch_size, const std::shared_ptr<Device>& device,
                           uint64_t limit) {
  if (limit == 0) return;
  uint64_t activations = 0;
  for (const LayerReport& layer : report_model(*model, plan).layers)
    activations += static_cast<uint64_t>(layer.activation_bytes);
  const auto batch = static_cast<uint64_t>(std::min(batch_size, samples.count()));
  // Weights, their gradients and the copy; activations of which some are overwritten in place.
  const uint64_t least = 3 * weight_bytes(plan) + activations * batch / 2;
  if (least > limit) refuse("at least ", least, limit);
  if (least < limit / 8) return;
  const Trainer::Memory memory = Trainer::planned_memory(model, plan, setup, samples, batch_size, device);
  const uint64_t needed = uint64_t{memory.arena} + 2 * uint64_t{memory.variables};
  if (needed > limit) refuse("", needed, limit);
}

}  // namespace trainyard

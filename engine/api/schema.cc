#include "engine/api/schema.h"

#include <nlohmann/json.hpp>

#include "engine/layers/dictionary_input.h"
#include "engine/train/callbacks.h"
#include "engine/train/loss.h"
#include "engine/train/metric.h"
#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"

namespace trainyard {
namespace {

/// FNV-1a, 64 bit (Fowler, Noll, Vo): enough to tell schemas apart.
uint64_t hash_of(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

Json describe_class(const ClassInfo& info, const Registry& registry) {
  Json entry = describe(info, registry.group());
  if (registry.group() != Layer::kGroup) return entry;
  const std::unique_ptr<Declared> object = info.make();
  const auto& layer = static_cast<const Layer&>(*object);
  const InputArity arity = layer.arity();
  entry["inputs"] = {{"min", arity.min}, {"max", arity.max == 0 ? Json(nullptr) : Json(arity.max)}};
  describe_dictionary(layer, entry);
  return entry;
}

Json build_schema() {
  Json groups = Json::object();
  for (const Registry* registry : all_registries()) {
    Json& classes = groups[registry->group()] = Json::array();
    for (const ClassInfo* info : registry->classes()) classes.push_back(describe_class(*info, *registry));
  }
  char hash[17];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash_of(groups.dump())));
  return {{"protocol", kProtocol}, {"hash", hash}, {"groups", groups}};
}

}  // namespace

const std::vector<const Registry*>& all_registries() {
  static const std::vector<const Registry*> kRegistries{
      &Layer::registry(),      &Activation::registry(), &Initializer::registry(), &Regularizer::registry(),
      &Constraint::registry(), &Loss::registry(),       &Metric::registry(),      &Optimizer::registry(),
      &Schedule::registry(),   &Callback::registry()};
  return kRegistries;
}

const Json& schema_json() {
  static const Json kSchema = build_schema();
  return kSchema;
}

}  // namespace trainyard

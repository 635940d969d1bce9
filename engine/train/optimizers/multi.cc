#include <memory>

#include "engine/train/optimizers/optimizer_classes.h"
#include "engine/train/optimizers/optimizer_map.h"
#include "engine/train/optimizers/text_list.h"
#include "engine/train/pattern.h"

namespace trainyard {

void ArgTraits<OptimizerMap>::describe(ArgSpec& spec) { spec.kind = ArgKind::json; }

bool ArgTraits<OptimizerMap>::parse(const Json& value, OptimizerMap& result, const ArgSpec&,
                                    const ParseContext& context) {
  const bool is_map = value.is_object() && value.contains("config") && value["config"].is_object();
  if (!is_map || value.value("class_name", Json()) != "OptimizerMap")
    return context.expected("an OptimizerMap, {class_name, config: {default_optimizer, optimizer_map}}", value), false;
  const Json& config = value["config"];
  const ParseContext inside = context.child("config");
  const auto parse_one = [](const Json& json, const ParseContext& where) -> std::shared_ptr<const Optimizer> {
    std::shared_ptr<const Declared> parsed = Optimizer::registry().parse(json, where);
    if (parsed == nullptr) return nullptr;
    if (parsed->info().class_name == "MultiOptimizer")
      return where.expected("an optimizer that is not a MultiOptimizer", json), nullptr;
    return std::static_pointer_cast<const Optimizer>(parsed);
  };
  OptimizerMap map;
  map.fallback = parse_one(config.value("default_optimizer", Json()), inside.child("default_optimizer"));
  bool good = map.fallback != nullptr;
  const Json patterns = config.value("optimizer_map", Json::object());
  const ParseContext entries = inside.child("optimizer_map");
  if (!patterns.is_object())
    return entries.expected("an object: a pattern of variable paths to an optimizer", patterns), false;
  for (const auto& [pattern, json] : patterns.items()) {
    const ParseContext where = entries.child(pattern);
    const auto optimizer = check_pattern(pattern, where) ? parse_one(json, where) : nullptr;
    good &= optimizer != nullptr;
    map.entries.emplace_back(pattern, optimizer);
  }
  if (good) result = std::move(map);
  return good;
}

Json ArgTraits<OptimizerMap>::print(const OptimizerMap& value) {
  if (value.fallback == nullptr) return nullptr;
  Json patterns = Json::object();
  for (const auto& [pattern, optimizer] : value.entries) patterns[pattern] = Optimizer::print(*optimizer);
  return {{"module", "keras.optimizers"},
          {"class_name", "OptimizerMap"},
          {"config", {{"default_optimizer", Optimizer::print(*value.fallback)}, {"optimizer_map", patterns}}},
          {"registered_name", nullptr}};
}

const Optimizer& OptimizerMap::find(const std::string& path) const {
  const Optimizer* found = nullptr;
  for (const auto& [pattern, optimizer] : entries)
    if (pattern == path) return *optimizer;
  for (const auto& [pattern, optimizer] : entries) {
    const std::optional<Pattern> compiled = Pattern::compile(pattern);
    if (!compiled || !compiled->matches(path)) continue;
    if (found != nullptr) throw UserError("optimizer.ambiguous", "optimizer.optimizer_map", {{"variable", path}});
    found = optimizer.get();
  }
  return found != nullptr ? *found : *fallback;
}

namespace {

/// The part of a training that one of the optimizers sees: its variables, its learning rate.
class PartContext final : public UpdateContext {
 public:
  PartContext(UpdateContext& outer, const Optimizer& optimizer, std::string prefix, double rescale)
      : outer_(outer), optimizer_(optimizer), prefix_(std::move(prefix)), rescale_(rescale) {}
  void add(int variable) { members_.push_back(variable); }

  int count() const override { return static_cast<int>(members_.size()); }
  Value variable(int i) override { return outer_.variable(outer(i)); }
  Value gradient(int i) override {
    const Value gradient = outer_.gradient(outer(i));
    return rescale_ == 1 ? gradient : gradient * rescale_;
  }
  std::string path(int i) const override { return outer_.path(outer(i)); }
  Value slot(int i, const std::string& name, double initial, std::optional<Shape> shape) override {
    return outer_.slot(outer(i), name, initial, std::move(shape));
  }
  void set_slot(int i, const std::string& name, Value value) override { outer_.set_slot(outer(i), name, value); }
  void set_variable(int i, Value value) override { outer_.set_variable(outer(i), value); }
  Value scalar(const std::string& name, std::function<double(const StepState&)> value) override {
    const LearningRate rate = optimizer_.learning_rate;
    return outer_.scalar(prefix_ + name, [value = std::move(value), rate](const StepState& state) {
      return value({state.iteration, rate.at(state.iteration)});
    });
  }

 private:
  int outer(int i) const { return members_[static_cast<size_t>(i)]; }
  UpdateContext& outer_;
  const Optimizer& optimizer_;
  std::string prefix_;
  double rescale_;
  std::vector<int> members_;
};

/// Each variable by the optimizer that its path is mapped to (keras.optimizers.MultiOptimizer).
class MultiOptimizer final : public Optimizer {
 public:
  OptimizerMap optimizer_map;
  MultiOptimizer() {
    learning_rate = 0.0;
    name = "multi_optimizer";
  }
  const ClassInfo& info() const override { return class_info(); }

  void apply(UpdateContext& context) const override {
    std::vector<std::pair<const Optimizer*, std::unique_ptr<PartContext>>> parts;
    for (int i = 0; i < context.count(); ++i) part(parts, context, optimizer_map.find(context.path(i))).add(i);
    for (const auto& [optimizer, part] : parts) optimizer->apply(*part);
  }

  bool keeps_average(const std::string& path) const override { return optimizer_map.find(path).use_ema; }
  /// Its parts have a rate each.
  bool follows_schedule() const override { return true; }

  static const ClassInfo& class_info() {
    using T = MultiOptimizer;
    static const ClassInfo kInfo =
        Declaration<T>("MultiOptimizer", "several",
                       "Several optimizers, each for the variables whose paths match a pattern")
            .aliases({"multioptimizer"})
            .arg("optimizer_map", &T::optimizer_map,
                 "An OptimizerMap: patterns of variable paths, and one for the rest", kRequired)
            .arg("loss_scale_factor", &T::loss_scale_factor, "Multiplies the loss, and divides the gradients again",
                 {.min = 0, .above_min = true, .advanced = true})
            .arg("name", &T::name, "Name of the optimizer", {.advanced = true, .null_is_default = true})
            .build();
    return kInfo;
  }

 protected:
  bool updates_by_variable() const override { return true; }
  void update(UpdateContext&, int, Value, Value) const override { check(false, "the parts update"); }

 private:
  template <typename Parts>
  PartContext& part(Parts& parts, UpdateContext& context, const Optimizer& optimizer) const {
    for (const auto& [known, part] : parts)
      if (known == &optimizer) return *part;
    // The loss was scaled by our factor, and the part divides by its own.
    const double rescale = optimizer.loss_scale_factor.value_or(1) / loss_scale_factor.value_or(1);
    const std::string prefix = std::to_string(parts.size()) + "/";
    parts.emplace_back(&optimizer, std::make_unique<PartContext>(context, optimizer, prefix, rescale));
    return *parts.back().second;
  }
};

}  // namespace

std::vector<const ClassInfo*> multi_optimizers() { return {&MultiOptimizer::class_info()}; }

}  // namespace trainyard

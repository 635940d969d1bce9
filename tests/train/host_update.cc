#include "tests/train/host_update.h"

namespace trainyard::testing {

class HostTraining::Context final : public UpdateContext {
 public:
  explicit Context(HostTraining& training) : training_(training) {}
  int count() const override { return static_cast<int>(training_.variables_.size()); }
  Value variable(int i) override { return training_.variable_inputs_[static_cast<size_t>(i)]; }
  Value gradient(int i) override { return training_.gradient_inputs_[static_cast<size_t>(i)]; }
  std::string path(int i) const override {
    return training_.paths_.empty() ? "" : training_.paths_[static_cast<size_t>(i)];
  }

  Value slot(int i, const std::string& name, double initial, std::optional<Shape> shape) override {
    for (const Slot& slot : training_.slots_)
      if (slot.variable == i && slot.name == name) return slot.input;
    const ValueType type{variable(i).dtype(), shape.value_or(variable(i).shape())};
    std::vector<double> filled(static_cast<size_t>(type.shape.elements()), initial);
    const Value input = training_.graph_.input(name, type);
    training_.slots_.push_back({i, name, Tensor::of<double>(type.shape, filled).cast(type.dtype), input, input});
    return input;
  }

  void set_slot(int i, const std::string& name, Value value) override {
    for (Slot& slot : training_.slots_)
      if (slot.variable == i && slot.name == name) {
        slot.next = value;
        return;
      }
    check(false, "a slot is read before it is written");
  }

  void set_variable(int i, Value value) override { training_.next_variables_[static_cast<size_t>(i)] = value; }

  Value scalar(const std::string& name, std::function<double(const StepState&)> value) override {
    for (const Scalar& scalar : training_.scalars_)
      if (scalar.name == name) return scalar.input;
    training_.scalars_.push_back({name, std::move(value), training_.graph_.input(name, {variable(0).dtype(), {}})});
    return training_.scalars_.back().input;
  }

 private:
  HostTraining& training_;
};

HostTraining::HostTraining(const Optimizer& optimizer, std::vector<Tensor> variables, RunGraph run,
                           std::vector<std::string> paths)
    : optimizer_(optimizer), variables_(std::move(variables)), paths_(std::move(paths)), run_(std::move(run)) {
  for (const Tensor& variable : variables_) {
    variable_inputs_.push_back(graph_.input("variable", {variable.dtype(), variable.shape()}));
    gradient_inputs_.push_back(graph_.input("gradient", {variable.dtype(), variable.shape()}));
  }
  next_variables_.resize(variables_.size());
  Context context(*this);
  optimizer_.apply(context);
}

HostTraining::~HostTraining() = default;

void HostTraining::step(const std::vector<Tensor>& gradients) {
  const StepState now{iteration_, optimizer_.learning_rate.at(iteration_)};
  ++iteration_;
  std::vector<Tensor> inputs(graph_.inputs().size());
  const auto bind = [&](Value input, const Tensor& tensor) {
    inputs[static_cast<size_t>(graph_.values()[static_cast<size_t>(input.id())].index)] = tensor;
  };
  std::vector<Value> wanted = next_variables_;
  for (size_t i = 0; i < variables_.size(); ++i) {
    bind(variable_inputs_[i], variables_[i]);
    bind(gradient_inputs_[i], gradients[i]);
  }
  for (const Slot& slot : slots_) {
    bind(slot.input, slot.value);
    wanted.push_back(slot.next);
  }
  for (const Scalar& scalar : scalars_)
    bind(scalar.input, Tensor::of<double>({}, {scalar.value(now)}).cast(variables_.front().dtype()));
  const std::vector<Tensor> results = run_(graph_, inputs, wanted);
  for (size_t i = 0; i < variables_.size(); ++i) variables_[i] = results[i].clone();
  for (size_t s = 0; s < slots_.size(); ++s) slots_[s].value = results[variables_.size() + s].clone();
}

const Tensor& HostTraining::slot(int variable, const std::string& name) const {
  for (const Slot& slot : slots_)
    if (slot.variable == variable && slot.name == name) return slot.value;
  check(false, "the optimizer has this slot");
  return variables_.front();
}

}  // namespace trainyard::testing

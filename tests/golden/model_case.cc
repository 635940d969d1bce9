// model: predict, fit without shuffling, predict and evaluate again; weights, running losses, history.
#include "engine/api/session_factory.h"
#include "engine/io/file.h"
#include "engine/io/json_reader.h"
#include "engine/train/trainer.h"
#include "tests/golden/model_cases.h"

namespace trainyard::golden {
namespace {

// Agreement asked for after training (the design's figure).
constexpr double kTrained = 1e-4;

class ModelCase {
 public:
  ModelCase(const Case& golden, Machine& machine, Report& report)
      : golden_(golden),
        report_(report),
        session_(make_session({.backend = std::string(machine.backend()), .threads = 2})) {}

  void run() {
    Diagnostics diagnostics;
    const Json json = read_json(read_file(golden_.folder + "/model.json"), "model.json");
    std::shared_ptr<const Model> model = parse_model(json, diagnostics);
    if (model == nullptr || diagnostics.has_errors())
      return missing_layer(diagnostics) ? report_.skip(diagnostics.text()) : report_.fail(diagnostics.text());
    ModelPlan plan = plan_model(*model, diagnostics);
    if (diagnostics.has_errors()) return report_.fail(diagnostics.text());
    trainer_ = std::make_unique<Trainer>(model, plan, *session_);
    samples_.x = golden_.numbered("input");
    samples_.y = golden_.numbered("label");
    if (golden_.has("sample_weight")) samples_.sample_weight = golden_.tensor("sample_weight");
    const std::vector<Tensor> weights = golden_.numbered("weight");
    if (weights.size() != plan.weights.size())
      return report_.fail("declares " + std::to_string(plan.weights.size()) + " weights, Keras has " +
                          std::to_string(weights.size()));
    for (size_t w = 0; w < weights.size(); ++w) trainer_->set_weight(static_cast<int>(w), weights[w]);
    compare_predictions("initial_prediction", 1e-5);
    fit(diagnostics);
  }

 private:
  static bool missing_layer(const Diagnostics& diagnostics) {
    for (const Diagnostic& item : diagnostics.items())
      if (item.code == "class.unknown") return true;
    return false;
  }

  void compare_predictions(const std::string& name, double tolerance) {
    const std::vector<Tensor> outputs = trainer_->predict(samples_, 8);
    for (size_t o = 0; o < outputs.size(); ++o)
      report_.expect_close(name + "." + std::to_string(o), outputs[o], golden_.tensor(name + "." + std::to_string(o)),
                           tolerance);
  }

  void expect_number(const std::string& what, double got, double wanted) {
    report_.expect_close(what, got, Tensor::of<double>({1}, {wanted}), kTrained);
  }

  void expect_logs(const std::string& what, const Logs& logs, const Json& wanted, size_t epoch) {
    for (const auto& [name, value] : wanted.items()) {
      const double expected = value.is_array() ? value[epoch].get<double>() : value.get<double>();
      bool found = false;
      for (const auto& [key, got] : logs)
        if (key == name) expect_number(what + "." + name, got, expected), found = true;
      if (!found) report_.fail(what + " has no " + name);
    }
  }

  void fit(Diagnostics& diagnostics) {
    const Json fit_json = golden_.metadata("fit");
    FitOptions options = parse_fit_options(fit_json, ParseContext(diagnostics, "fit"));
    TrainingSetup setup =
        parse_setup(golden_.metadata("compile"), trainer_->model(), trainer_->plan(), samples_.y, diagnostics);
    if (diagnostics.has_errors()) return report_.fail(diagnostics.text());
    trainer_->compile(std::move(setup));
    trainer_->begin_fit(samples_, options);
    const Json losses = golden_.metadata("running_mean_loss_after_each_batch");
    size_t batch = 0;
    for (bool more = true; more; ++batch) {
      more = trainer_->train_for(0);
      const FitState& state = trainer_->fit_state();
      const double loss =
          state.step == 0 ? state.history.back().logs.front().second : trainer_->progress().logs.front().second;
      if (batch < losses.size())
        expect_number("running loss " + std::to_string(batch), loss, losses[batch].get<double>());
    }
    if (batch != losses.size())
      report_.fail("took " + std::to_string(batch) + " steps, Keras " + std::to_string(losses.size()));
    for (const EpochLogs& epoch : trainer_->fit_state().history)
      expect_logs("history", epoch.logs, golden_.metadata("history"), static_cast<size_t>(epoch.epoch));
    const std::vector<Tensor> trained = golden_.numbered("trained_weight");
    for (size_t w = 0; w < trained.size(); ++w)
      report_.expect_close("trained_weight." + std::to_string(w), trainer_->weight(static_cast<int>(w)), trained[w],
                           kTrained);
    compare_predictions("trained_prediction", kTrained);
    expect_logs("evaluate", trainer_->evaluate(samples_, 8), golden_.metadata("evaluate_after"), 0);
  }

  const Case& golden_;
  Report& report_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Trainer> trainer_;
  Samples samples_;
};

}  // namespace

void run_model_case(const Case& golden, Machine& machine, Report& report) { ModelCase(golden, machine, report).run(); }

}  // namespace trainyard::golden

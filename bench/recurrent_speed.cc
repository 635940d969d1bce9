// Training speed of a recurrent layer over the rows of a picture: x [128, 28, 28] -> layer(128) -> 10 classes, with
// gradients of all weights. Prints the time to set the graph up and the rate by the clock and by processor time, which
// says more on a busy machine.
//   recurrent_speed [LSTM|GRU|SimpleRNN] [threads] [units]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "engine/core/philox.h"
#include "engine/layers/model.h"
#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/runtime/session.h"

namespace {

using namespace trainyard;

constexpr int64_t kBatch = 128, kRows = 28, kClasses = 10;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Json model_json(const std::string& layer, int64_t units) {
  const Json input = {{"class_name", "InputLayer"}, {"config", {{"batch_shape", {nullptr, kRows, kRows}}}}};
  const Json recurrent = {{"class_name", layer}, {"config", {{"units", units}}}};
  const Json head = {{"class_name", "Dense"}, {"config", {{"units", kClasses}}}};
  return {{"class_name", "Sequential"}, {"config", {{"layers", Json::array({input, recurrent, head})}}}};
}

Tensor random_numbers(const Shape& shape, uint64_t seed) {
  Tensor tensor(DType::f32, shape);
  const Philox random{.seed = seed};
  const auto values = tensor.span<float>();
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(0.1 * random.normal(i));
  return tensor;
}

std::unique_ptr<Executor> set_up(const Model& model, const ModelPlan& plan, Session& session,
                                 std::vector<Tensor>& operands) {
  Graph graph;
  const auto feed = [&](Tensor tensor) {
    operands.push_back(std::move(tensor));
    return graph.input("x", {operands.back().dtype(), operands.back().shape()});
  };
  const Value x = feed(random_numbers({kBatch, kRows, kRows}, 1));
  std::vector<Value> weights;
  for (const WeightInfo& weight : plan.weights) weights.push_back(feed(random_numbers(weight.spec.shape, 2)));
  const LoweredModel lowered = lower_model(model, plan, {x}, weights, true);
  Tensor labels(DType::i32, {kBatch});
  for (size_t i = 0; i < static_cast<size_t>(kBatch); ++i) labels.span<int32_t>()[i] = static_cast<int32_t>(i % 10);
  const Value wanted = one_hot(graph.constant(labels), kClasses, DType::f32);
  const Value loss = sum(-log_softmax(lowered.outputs[0]) * wanted) / static_cast<double>(kBatch);
  graph.mark_output(loss);
  for (const Value& gradient : gradients(loss, weights)) graph.mark_output(gradient);
  std::unique_ptr<Executor> executor = session.compile(std::move(graph));
  for (size_t i = 0; i < operands.size(); ++i) executor->bind(static_cast<int>(i), operands[i].data());
  return executor;
}

void print_profile(const Executor& executor) {
  std::map<std::string, std::pair<double, int>> by_kind;
  double total = 0;
  for (const ProfileEntry& entry : executor.profile()) {
    auto& [milliseconds, count] = by_kind[entry.op];
    milliseconds += entry.milliseconds;
    count += 1;
    total += entry.milliseconds;
  }
  for (const auto& [op, sums] : by_kind)
    if (sums.first > 0.01 * total)
      std::printf("  %-18s %5.1f %% in %d nodes\n", op.c_str(), 100 * sums.first / total, sums.second);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string layer = argc > 1 ? argv[1] : "LSTM";
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  const int64_t units = argc > 3 ? std::atoi(argv[3]) : 128;
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(make_cpu_backend());
  backends.push_back(make_ref_backend());
  Session session(std::make_shared<Device>(std::move(backends), threads));
  Diagnostics diagnostics;
  const double begin = processor_seconds();
  const std::unique_ptr<Model> model = parse_model(model_json(layer, units), diagnostics);
  if (model == nullptr) return std::printf("%s\n", diagnostics.text().c_str()), 1;
  const ModelPlan plan = plan_model(*model, diagnostics);
  std::vector<Tensor> operands;
  const std::unique_ptr<Executor> executor = set_up(*model, plan, session, operands);
  std::printf("%s(%d), batch %d, %d threads: set up in %.1f ms of processor time\n", layer.c_str(),
              static_cast<int>(units), static_cast<int>(kBatch), threads, 1e3 * (processor_seconds() - begin));
  std::vector<double> wall, processor;
  for (int round = 0; round < 12; ++round) {
    const double clock = now();
    const double used = processor_seconds();
    for (int step = 0; step < 5; ++step) executor->run({});
    wall.push_back((now() - clock) / 5);
    processor.push_back((processor_seconds() - used) / 5);
  }
  const auto median = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  };
  std::printf("  %.0f images/s by the clock, %.0f images/s of processor time (medians of 12)\n",
              static_cast<double>(kBatch) / median(wall), static_cast<double>(kBatch) / median(processor));
  executor->set_profiling(true);
  for (int step = 0; step < 5; ++step) executor->run({});
  print_profile(*executor);
  return 0;
}

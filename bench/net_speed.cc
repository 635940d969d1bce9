// Images a second of whole nets, asked for line by line, so that another program can alternate with this one:
//   net_speed [--batch 128]
//   > {"net": "lenet5", "task": "train", "threads": 2, "seconds": 1}
//   < {"images_per_second": 12345.6, "arena_bytes": ..., "variable_bytes": ...}
// With the task "describe" it answers {"model": Keras JSON} instead; with "dispatch", {"outside_kernels": 0.02}, the part of a
// training step's time that no kernel has (an upper bound: the timers' own time is in it). Each line is warmed up before it is timed. Ends with the input. A mistake is answered with {"error": ...}.
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/api/builtin_models.h"
#include "engine/api/session_factory.h"
#include "engine/api/workbench.h"

namespace trainyard::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kSliceSeconds = 0.02;
constexpr int64_t kWarmBatches = 10;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The built-in net with pictures as its input: rows of 784 numbers come out of a Flatten, which costs nothing.
Json for_pictures(const std::string& name) {
  Json model = builtin_model(name);
  if (model.is_null()) throw std::invalid_argument("no built-in net is called " + name);
  Json& layers = model["config"]["layers"];
  Json& shape = layers[0]["config"]["batch_shape"];
  if (shape.size() == 4) return model;
  shape = {nullptr, 28, 28, 1};
  layers.insert(layers.begin() + 1, Json{{"class_name", "Flatten"}, {"config", {{"name", "pictures"}}}});
  return model;
}

/// One net on one number of threads.
class Net {
 public:
  Net(const std::string& name, int threads, int64_t batch)
      : batch_(batch), workbench_(make_device({.backend = "cpu", .threads = threads})) {
    workbench_.load_data({{"kind", "digits"}, {"seed", 1}, {"train", 100 * batch}, {"test", batch}}, {});
    const Json diagnosis = workbench_.load_model({{"model", for_pictures(name)}, {"seed", 1}});
    if (!diagnosis["ok"].get<bool>()) throw std::invalid_argument(diagnosis["diagnostics"].dump());
    x_ = Tensor(DType::f32, {batch, 28, 28, 1});
    for (float& value : x_.span<float>()) value = 0.3F;
  }

  /// Images a second. Forward, backward and Adam; no metrics beside the loss.
  double train(double seconds) {
    const int64_t first = warm_up();
    const auto begin = Clock::now();
    int64_t samples = 0;
    do samples = slice();
    while (since(begin) < seconds);
    return static_cast<double>(samples - first) / since(begin);
  }

  /// The part of a training step's time that is spent outside of kernels.
  double outside_kernels(double seconds) {
    warm_up();
    workbench_.profile(true);
    const auto begin = Clock::now();
    do slice();
    while (since(begin) < seconds);
    const double whole = since(begin);
    double inside = 0;
    for (const Json& entry : workbench_.profile(false)) inside += entry["milliseconds"].get<double>() / 1000;
    return 1 - inside / whole;
  }

  double predict(double seconds) {
    for (int64_t i = 0; i < kWarmBatches; ++i) workbench_.predict({x_});
    int64_t samples = 0;
    const auto begin = Clock::now();
    do {
      workbench_.predict({x_});
      samples += batch_;
    } while (since(begin) < seconds);
    return static_cast<double>(samples) / since(begin);
  }

  Json memory() const { return workbench_.memory(); }

 private:
  /// Trains for a moment; samples of the training so far.
  int64_t slice() { return workbench_.train_for(kSliceSeconds)["progress"]["samples"].get<int64_t>(); }
  int64_t warm_up() {
    workbench_.begin_fit({{"epochs", 1'000'000},
                          {"batch_size", batch_},
                          {"optimizer", "adam"},
                          {"loss", "sparse_categorical_crossentropy"},
                          {"metrics", Json::array()},
                          {"seed", 1}});
    int64_t samples = 0;
    while (samples < kWarmBatches * batch_) samples = slice();
    return samples;
  }

  int64_t batch_;
  Workbench workbench_;
  Tensor x_;
};

class Answers {
 public:
  explicit Answers(int64_t batch) : batch_(batch) {}

  Json answer(const Json& request) {
    const auto name = request.at("net").get<std::string>();
    if (request.at("task") == "describe") return {{"model", builtin_model(name)}};
    const int threads = request.at("threads").get<int>();
    auto& net = nets_[name + "/" + std::to_string(threads)];
    if (net == nullptr) net = std::make_unique<Net>(name, threads, batch_);
    const double seconds = request.at("seconds").get<double>();
    if (request.at("task") == "dispatch") return {{"outside_kernels", net->outside_kernels(seconds)}};
    const bool train = request.at("task") == "train";
    const double rate = train ? net->train(seconds) : net->predict(seconds);
    Json answer = net->memory();
    answer["images_per_second"] = rate;
    return answer;
  }

 private:
  int64_t batch_;
  std::map<std::string, std::unique_ptr<Net>> nets_;
};

int run(int64_t batch) {
  Answers answers(batch);
  for (std::string line; std::getline(std::cin, line);) {
    Json reply;
    try {
      reply = answers.answer(Json::parse(line));
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    std::cout << reply.dump() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace trainyard::bench

int main(int argc, char** argv) {
  const bool batch_given = argc == 3 && std::string(argv[1]) == "--batch";
  if (argc != 1 && !batch_given) return std::cerr << "usage: net_speed [--batch N]\n", 2;
  return trainyard::bench::run(batch_given ? std::max(1, std::atoi(argv[2])) : 128);
}

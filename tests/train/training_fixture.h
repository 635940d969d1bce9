// Small models and samples that trainer tests share. Everything follows from seeds.
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/api/session_factory.h"
#include "engine/core/philox.h"
#include "engine/train/saved_model.h"

namespace trainyard::testing {

inline Json keras_layer(const std::string& class_name, Json config) {
  return {{"class_name", class_name}, {"config", std::move(config)}};
}

/// `layers` is no Json: of one layer in braces g++ would make a list and clang the layer itself.
inline Json sequential(Json input_shape, Json::array_t layers) {
  input_shape.insert(input_shape.begin(), nullptr);
  layers.insert(layers.begin(), keras_layer("InputLayer", {{"batch_shape", input_shape}, {"name", "x"}}));
  return {{"class_name", "Sequential"}, {"config", {{"name", "net"}, {"layers", std::move(layers)}}}};
}

/// 6 numbers to 3 classes.
inline Json dense_model() {
  return sequential({6}, {keras_layer("Dense", {{"name", "hidden"}, {"units", 16}, {"activation", "relu"}}),
                          keras_layer("Dense", {{"name", "output"}, {"units", 3}, {"activation", "softmax"}})});
}

/// 8x8 pictures to 3 classes, with everything that has state or chance in it.
inline Json picture_model() {
  return sequential(
      {8, 8, 1},
      {keras_layer("Conv2D", {{"name", "conv"}, {"filters", 4}, {"kernel_size", {3, 3}}}),
       keras_layer("BatchNormalization", {{"name", "norm"}}), keras_layer("ReLU", {{"name", "relu"}}),
       keras_layer("MaxPooling2D", {{"name", "pool"}, {"pool_size", {2, 2}}}),
       keras_layer("Flatten", {{"name", "flat"}}), keras_layer("Dropout", {{"name", "drop"}, {"rate", 0.25}}),
       keras_layer("Dense", {{"name", "output"}, {"units", 3}, {"activation", "softmax"}})});
}

inline Json setup_of(Json optimizer = "adam", Json loss = "sparse_categorical_crossentropy") {
  return {{"optimizer", std::move(optimizer)}, {"loss", std::move(loss)}, {"metrics", {"accuracy"}}};
}

/// Three classes of noisy rows (or pictures), each around its own centre.
inline Samples class_samples(int64_t count, Shape sample, uint64_t seed = 1, double noise = 0.5) {
  Samples samples;
  const int64_t width = sample.elements();
  samples.x = {Tensor(DType::f32, sample.with_front(count))};
  samples.y = {Tensor(DType::i32, {count})};
  const Philox centres{.seed = 99};
  const Philox random{.seed = seed};
  const auto x = samples.x[0].span<float>();
  for (int64_t i = 0; i < count; ++i) {
    const auto label = static_cast<int64_t>(random.below(static_cast<uint64_t>(count * width + i), 3));
    samples.y[0].span<int32_t>()[static_cast<size_t>(i)] = static_cast<int32_t>(label);
    for (int64_t j = 0; j < width; ++j)
      x[static_cast<size_t>(i * width + j)] =
          static_cast<float>(centres.normal(static_cast<uint64_t>(label * width + j)) +
                             noise * random.normal(static_cast<uint64_t>(i * width + j)));
  }
  return samples;
}

/// A trainer with the session that it lives in.
struct Bench {
  std::unique_ptr<Session> session;
  std::unique_ptr<Trainer> trainer;

  Trainer* operator->() const { return trainer.get(); }
  Trainer& operator*() const { return *trainer; }
};

inline Bench bench_of(std::shared_ptr<const Model> model, ModelPlan plan, const SessionOptions& options) {
  Bench bench;
  bench.session = make_session(options);
  bench.trainer = std::make_unique<Trainer>(std::move(model), std::move(plan), *bench.session);
  return bench;
}

inline Bench bench_of(const Json& json, const SessionOptions& options = {.threads = 1}, uint64_t seed = 7) {
  Diagnostics diagnostics;
  std::shared_ptr<const Model> model = parse_model(json, diagnostics);
  throw_if_errors(diagnostics);
  ModelPlan plan = plan_model(*model, diagnostics);
  throw_if_errors(diagnostics);
  Bench bench = bench_of(std::move(model), std::move(plan), options);
  bench->initialize(seed);
  return bench;
}

inline void compile(const Bench& bench, const Json& setup, const Samples& samples) {
  Diagnostics diagnostics;
  TrainingSetup parsed = parse_setup(setup, bench->model(), bench->plan(), samples.y, diagnostics);
  throw_if_errors(diagnostics);
  bench->compile(std::move(parsed));
}

inline void fit(const Bench& bench, const Samples& samples, const FitOptions& options) {
  bench->begin_fit(samples, options);
  while (bench->train_for(1)) {
  }
}

/// The bytes of all weights.
inline std::string weight_bytes(const Trainer& trainer) {
  std::string bytes;
  for (size_t w = 0; w < trainer.plan().weights.size(); ++w) {
    const Tensor weight = trainer.weight(static_cast<int>(w));
    bytes.append(static_cast<const char*>(weight.data()), weight.bytes());
  }
  return bytes;
}

inline double log_of(const Logs& logs, const std::string& name) {
  for (const auto& [key, value] : logs)
    if (key == name) return value;
  throw std::out_of_range("no log of the name " + name);
}

/// The code of the first mistake that `body` throws; "" when it throws none.
template <typename Body>
std::string mistake_of(const Body& body) {
  try {
    body();
  } catch (const UserError& error) {
    return error.diagnostics().items().front().code;
  }
  return "";
}

}  // namespace trainyard::testing

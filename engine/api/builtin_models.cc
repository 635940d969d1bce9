#include "engine/api/builtin_models.h"

#include <initializer_list>
#include <nlohmann/json.hpp>

namespace trainyard {
namespace {

Json layer(const char* class_name, Json config) { return {{"class_name", class_name}, {"config", std::move(config)}}; }

Json sequential(const char* name, Json layers) {
  return {{"class_name", "Sequential"}, {"config", {{"name", name}, {"layers", std::move(layers)}}}};
}

Json input(Json shape) { return layer("InputLayer", {{"batch_shape", std::move(shape)}, {"name", "input"}}); }

Json conv(const char* name, int filters, int size, const char* padding) {
  return layer("Conv2D", {{"name", name},
                          {"filters", filters},
                          {"kernel_size", {size, size}},
                          {"padding", padding},
                          {"activation", "relu"}});
}

Json max_pool(const char* name) {
  return layer("MaxPooling2D", {{"name", name}, {"pool_size", {2, 2}}, {"strides", {2, 2}}});
}

Json dense(const char* name, int units, const char* activation) {
  return layer("Dense", {{"name", name}, {"units", units}, {"activation", activation}});
}

Json mlp() {
  return sequential("mlp", {input({nullptr, 784}), dense("dense_1", 512, "relu"), dense("dense_2", 512, "relu"),
                            dense("output", 10, "softmax")});
}

Json lenet5() {
  return sequential("lenet5",
                    {input({nullptr, 28, 28, 1}), conv("conv_1", 6, 5, "same"), max_pool("pool_1"),
                     conv("conv_2", 16, 5, "valid"), max_pool("pool_2"), layer("Flatten", {{"name", "flatten"}}),
                     dense("dense_1", 120, "relu"), dense("dense_2", 84, "relu"), dense("output", 10, "softmax")});
}

Json cnn() {
  return sequential("cnn", {input({nullptr, 28, 28, 1}), conv("conv_1", 32, 3, "valid"), max_pool("pool_1"),
                            conv("conv_2", 64, 3, "valid"), max_pool("pool_2"), layer("Flatten", {{"name", "flatten"}}),
                            dense("output", 10, "softmax")});
}

}  // namespace

const std::vector<BuiltinModel>& builtin_models() {
  static const std::vector<BuiltinModel> kModels{
      {"lenet5", "LeNet-5", "Two convolutions, two poolings, three dense layers: the classic reader of handwriting"},
      {"cnn", "CNN", "Two larger convolutions and one dense layer"},
      {"mlp", "MLP", "Three dense layers on the raw pixels"},
  };
  return kModels;
}

Json builtin_model(std::string_view name) {
  if (name == "mlp") return mlp();
  if (name == "lenet5") return lenet5();
  if (name == "cnn") return cnn();
  return nullptr;
}

Json builtin_compile_config() {
  const Json schedule = {{"class_name", "InverseTimeDecay"},
                         {"config", {{"initial_learning_rate", 1e-3}, {"decay_steps", 1875}, {"decay_rate", 0.5}}}};
  return {{"optimizer", {{"class_name", "Adam"}, {"config", {{"learning_rate", schedule}}}}}};
}

}  // namespace trainyard

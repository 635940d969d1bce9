#include "bench/kernel_runner.h"

namespace trainyard::bench {
namespace {

ValueType f32(Shape shape) { return {DType::f32, std::move(shape)}; }

class Cases {
 public:
  explicit Cases(int64_t batch) : batch_(batch) {}

  /// A dense layer's three products; the first layer's input gradient is never computed.
  void dense(const std::string& name, int64_t in, int64_t out, bool first) {
    const op::Epilogue epilogue{.bias = true, .activation = op::Epilogue::Activation::relu};
    add(name + "/forward", op::MatMul{.epilogue = epilogue}, {f32({batch_, in}), f32({in, out}), f32({out})});
    add(name + "/weights", op::MatMul{.transpose_a = true}, {f32({batch_, in}), f32({batch_, out})});
    if (!first) add(name + "/input", op::MatMul{.transpose_b = true}, {f32({batch_, out}), f32({in, out})});
    add(name + "/bias", op::Reduce{op::ReduceKind::sum, {0}}, {f32({batch_, out})});
  }

  void conv(const std::string& name, int64_t size, int64_t channels, int64_t kernel, int64_t filters, bool same,
            bool first) {
    const int64_t pad = same ? (kernel - 1) / 2 : 0;
    const op::ConvGeometry geometry{{1, 1}, {1, 1}, {pad, pad}, {pad, pad}, 1};
    const int64_t out = size + 2 * pad - kernel + 1;
    const ValueType x = f32({batch_, size, size, channels});
    const ValueType w = f32({kernel, kernel, channels, filters});
    const ValueType y = f32({batch_, out, out, filters});
    const op::Epilogue epilogue{.bias = true, .activation = op::Epilogue::Activation::relu};
    add(name + "/forward", op::Conv{geometry, epilogue}, {x, w, f32({filters})});
    add(name + "/filter", op::ConvFilterGrad{geometry, w.shape}, {x, y});
    if (!first) add(name + "/input", op::ConvInputGrad{geometry, x.shape}, {y, w});
    add(name + "/bias", op::Reduce{op::ReduceKind::sum, {0, 1, 2}}, {y});
    add(name + "/relu_grad", op::Binary{op::BinaryKind::relu_grad}, {y, y});
    const op::PoolGeometry pool{op::PoolKind::max, {2, 2}, {2, 2}, {0, 0}, {0, 0}};
    const ValueType pooled = f32({batch_, out / 2, out / 2, filters});
    add(name + "/pool", op::Pool{pool}, {y});
    add(name + "/pool_grad", op::PoolGrad{pool, y.shape}, {y, pooled, pooled});
  }

  void square(int64_t size) {
    add("gemm/" + std::to_string(size), op::MatMul{}, {f32({size, size}), f32({size, size})});
    add("gemm_nt/" + std::to_string(size), op::MatMul{.transpose_b = true}, {f32({size, size}), f32({size, size})});
    add("gemm_tn/" + std::to_string(size), op::MatMul{.transpose_a = true}, {f32({size, size}), f32({size, size})});
  }

  void add(std::string name, Op op, Types inputs) {
    cases_.push_back({std::move(name), std::move(op), std::move(inputs)});
  }
  std::vector<KernelCase> take() { return std::move(cases_); }

 private:
  int64_t batch_;
  std::vector<KernelCase> cases_;
};

}  // namespace

std::vector<KernelCase> net_kernels(int64_t batch) {
  Cases cases(batch);
  for (const int64_t size : {256, 512, 1024, 2048}) cases.square(size);
  cases.dense("mlp/dense1", 784, 512, true);
  cases.dense("mlp/dense2", 512, 512, false);
  cases.dense("mlp/dense3", 512, 10, false);
  cases.conv("lenet5/conv1", 28, 1, 5, 6, true, true);
  cases.conv("lenet5/conv2", 14, 6, 5, 16, false, false);
  cases.dense("lenet5/dense1", 400, 120, false);
  cases.dense("lenet5/dense2", 120, 84, false);
  cases.dense("lenet5/dense3", 84, 10, false);
  cases.conv("cnn/conv1", 28, 1, 3, 32, false, true);
  cases.conv("cnn/conv2", 13, 32, 3, 64, false, false);
  cases.dense("cnn/dense", 1600, 10, false);
  const Types one_array{f32({1 << 18})};
  for (const auto kind : {op::UnaryKind::exp, op::UnaryKind::log, op::UnaryKind::tanh, op::UnaryKind::sigmoid,
                          op::UnaryKind::erf, op::UnaryKind::sqrt, op::UnaryKind::relu})
    cases.add("unary/" + std::string(name_of(kind)), op::Unary{kind}, one_array);
  cases.add("binary/add", op::Binary{op::BinaryKind::add}, {one_array[0], one_array[0]});
  cases.add("softmax/10", op::Softmax{}, {f32({batch, 10})});
  return cases.take();
}

}  // namespace trainyard::bench

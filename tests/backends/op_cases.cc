#include "tests/backends/op_cases.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/core/philox.h"
#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

/// FNV-1a, so that operands depend on nothing but the name.
uint64_t hash_of(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

double extreme_value(uint64_t i) {
  constexpr double kPalette[] = {0.0, -0.0, 1e-30, -1e-30, 1e-8, -1e-8, 1e-4, -1e-4, 0.3,   -0.3,   1.0, -1.0,
                                 9.1, -9.1, 20.0,  -20.0,  88.0, -88.0, 95.0, -95.0, 120.0, -120.0, 1e6, -1e6};
  return kPalette[i % std::size(kPalette)];
}

double integer_value(DType dtype, uint32_t word) {
  if (dtype == DType::u8) return word % 256;
  if (dtype == DType::boolean) return word % 2;
  return static_cast<double>(word % 11) - 5;
}

/// Shuffled ranks 0 .. n-1.
std::vector<int64_t> shuffled(int64_t n, const Philox& random) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i, static_cast<uint32_t>(i))]);
  return order;
}

/// n values as doubles; dtypes narrower than that round them.
std::vector<double> make_values(Values kind, DType dtype, int64_t n, int64_t limit, const Philox& random) {
  std::vector<double> values(static_cast<size_t>(n));
  const std::vector<int64_t> ranks = kind == Values::distinct ? shuffled(n, random) : std::vector<int64_t>{};
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t word = random.word(i);
    const double uniform = static_cast<double>(random.uniform(i));
    switch (kind) {
      case Values::spread: values[i] = 0.5 * (static_cast<double>(word % 8) - 4) + 0.05 + 0.4 * uniform; break;
      case Values::positive: values[i] = 0.5 + 1.5 * uniform; break;
      case Values::distinct:
        values[i] = 4.0 * (static_cast<double>(ranks[i]) + 0.5) / static_cast<double>(n) - 2.0;
        break;
      case Values::few: values[i] = static_cast<double>(word % 3) - 1; break;
      case Values::extreme: values[i] = extreme_value(i); break;
      case Values::integers: values[i] = integer_value(dtype, word); break;
      case Values::indices: values[i] = word % static_cast<uint64_t>(limit); break;
      case Values::rising:
        values[i] = (static_cast<double>(i) - static_cast<double>(n / 2)) * (is_floating(dtype) ? 0.5 : 1.0);
        break;
      case Values::strays: values[i] = static_cast<double>(word % static_cast<uint64_t>(limit + 2)) - 1; break;
    }
  }
  return values;
}

DType wide(DType dtype) { return dtype == DType::f32 ? DType::f64 : dtype; }

void widen_own_dtype(Op& op) {
  if (auto* fused = std::get_if<op::Fused>(&op)) fused->dtype = wide(fused->dtype);
  if (auto* cast = std::get_if<op::Cast>(&op)) cast->to = wide(cast->to);
  if (auto* count = std::get_if<op::BinCount>(&op)) count->dtype = wide(count->dtype);
  if (auto* one_hot = std::get_if<op::OneHot>(&op)) one_hot->dtype = wide(one_hot->dtype);
  if (auto* fill = std::get_if<op::Fill>(&op)) fill->dtype = wide(fill->dtype);
  if (auto* random = std::get_if<op::Random>(&op)) random->dtype = wide(random->dtype);
}

std::vector<OpCase> all_cases() {
  std::vector<OpCase> cases;
  add_elementwise_cases(cases);
  add_layout_cases(cases);
  add_linear_cases(cases);
  add_lookup_cases(cases);
  add_window_cases(cases);
  add_reduction_cases(cases);
  add_source_cases(cases);
  add_image_cases(cases);
  std::set<std::string> names;
  for (OpCase& op_case : cases) {
    for (char& c : op_case.name)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    check(names.insert(op_case.name).second, ("two op cases are called " + op_case.name).c_str());
    check(op_case.values.size() == op_case.inputs.size(), ("values for each operand of " + op_case.name).c_str());
  }
  return cases;
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> cases = all_cases();
  return cases;
}

OpCase widened(const OpCase& op_case) {
  OpCase result = op_case;
  for (ValueType& type : result.inputs) type.dtype = wide(type.dtype);
  widen_own_dtype(result.op);
  return result;
}

std::vector<Tensor> make_inputs(const OpCase& op_case) {
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    const ValueType& type = op_case.inputs[i];
    const Philox random{.seed = hash_of(op_case.name), .stream = static_cast<uint32_t>(i), .step = 0};
    const auto values = make_values(op_case.values[i], type.dtype, type.shape.elements(), op_case.index_limit, random);
    // by way of f32, so that a case and its widened twin see the same numbers
    inputs.push_back(Tensor::of<double>(type.shape, values).cast(DType::f32).cast(type.dtype));
  }
  // what max pooling gave is no free choice
  const auto* grad = std::get_if<op::PoolGrad>(&op_case.op);
  if (grad != nullptr && grad->geometry.kind == op::PoolKind::max)
    inputs[1] = run_on_ref(op::Pool{grad->geometry}, {inputs[0]}).front();
  return inputs;
}

std::string shape_text(const Shape& shape) {
  std::string text;
  for (const int64_t dim : shape) text += (text.empty() ? "" : "x") + std::to_string(dim);
  return text.empty() ? "scalar" : text;
}

}  // namespace trainyard::testing

// Operations that are products: Matmul, Einsum and their kin.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "engine/layers/operation_call.h"
#include "engine/ops/einsum.h"

namespace trainyard {
namespace linear_op {  // names of its own: several of these files may be compiled as one
namespace {

using Values = std::vector<Value>;

/// Products are of floats; those of integers become integers again.
Values product_of(const OperationCall& call, Value (*body)(const OperationCall&, Value, Value)) {
  const auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  const Value y = body(call, cast(a, call.floating()), cast(b, call.floating()));
  return {is_floating(a.dtype()) ? y : cast(y, DType::i32)};
}

/// numpy.matmul. a: [.., m, k] or [k]  b: [.., k, n] or [k]
Value matrix_product(const OperationCall& call, Value a, Value b) {
  call.expect_shapes(a.rank() > 0 && b.rank() > 0);
  const bool row = a.rank() == 1;
  const bool column = b.rank() == 1;
  if (row) a = reshape(a, {1, a.shape()[0]});
  if (column) b = reshape(b, {b.shape()[0], 1});
  call.expect_shapes(a.shape().back() == b.shape()[b.rank() - 2]);
  if (b.rank() > 2) {
    const Shape batch = call.broadcast(a.shape().slice(0, a.rank() - 2), b.shape().slice(0, b.rank() - 2));
    const auto spread = [&](Value x) {
      Shape shape = batch;
      shape.push_back(x.shape()[x.rank() - 2]);
      shape.push_back(x.shape().back());
      return broadcast_to(x, shape);
    };
    a = spread(a);
    b = spread(b);
  }
  const Value y = matmul(a, b);
  std::vector<int64_t> dims = y.shape().dims();
  if (column) dims.pop_back();
  if (row) dims.erase(dims.end() - (column ? 1 : 2));
  return reshape(y, Shape(dims));
}

/// numpy.dot, where it is a matrix product or one with a scalar.
Value dot_product(const OperationCall& call, Value a, Value b) {
  if (a.rank() == 0 || b.rank() == 0) return a * b;
  call.expect_shapes(b.rank() <= 2);
  return matrix_product(call, a, b);
}

Values matmul_of(const OperationCall& call) { return product_of(call, matrix_product); }
Values dot_of(const OperationCall& call) { return product_of(call, dot_product); }

Values outer_product(const OperationCall& call) {
  const auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  return {call.elementwise(op::BinaryKind::mul, reshape(a, {a.shape().elements(), 1}),
                           reshape(b, {1, b.shape().elements()}))};
}

/// True at and before each place. [steps, steps of the keys]
Value seen_before(Graph& graph, int64_t queries, int64_t keys) {
  Tensor seen(DType::boolean, {queries, keys});
  bool* entries = seen.view().as<bool>();
  for (int64_t i = 0; i < queries * keys; ++i) entries[i] = i % keys <= i / keys;
  return graph.constant(std::move(seen));
}

/// keras.ops.dot_product_attention. query: [n, t, heads, h]  key, value: [n, s, heads, h]  y: [n, t, heads, h]
Values attention(const OperationCall& call) {
  const Value query = call.floats("query");
  const Value key = call.floats("key");
  const Value value = call.floats("value");
  call.expect_shapes(query.rank() == 4 && key.shape() == value.shape() && key.rank() == 4 &&
                     key.shape()[0] == query.shape()[0] && key.shape().slice(2, 4) == query.shape().slice(2, 4));
  if (!call.json("attn_logits_soft_cap").is_null()) call.refuse("attn_logits_soft_cap", "None");
  const double scale = call.number("scale", 1 / std::sqrt(static_cast<double>(query.shape().back())));
  Value scores = einsum({query, "bthd"}, {key, "bshd"}, "bhts") * scale;
  const auto fits = [&](Value x) { call.expect_shapes(call.broadcast(x.shape(), scores.shape()) == scores.shape()); };
  if (!call.json("bias").is_null()) {
    const Value bias = call.floats("bias");
    fits(bias);
    scores = scores + bias;
  }
  const double never = -0.7 * static_cast<double>(std::numeric_limits<float>::max());
  if (!call.json("mask").is_null()) {
    const Value mask = cast(call.tensor("mask"), DType::boolean);
    fits(mask);
    scores = select(mask, scores, never);
  }
  const bool causal = call.flag("is_causal");
  if (causal) call.expect_shapes(std::max(query.shape()[1], key.shape()[1]) <= 8192);
  if (causal) scores = select(seen_before(call.graph(), query.shape()[1], key.shape()[1]), scores, never);
  return {einsum({softmax(scores), "bhts"}, {value, "bshd"}, "bthd")};
}

// ---------------------------------------------------------------- einsum

/// A term of an equation: "b...d" is "b" + what the dots stand for + "d".
std::string expanded_term(const OperationCall& call, std::string term, int dots) {
  // Letters that no equation of Keras's has; each is one of the dimensions under the dots, the last one last.
  constexpr std::string_view kUnder = "0123456789";
  const size_t at = term.find("...");
  if (at == std::string::npos) return term;
  call.expect_shapes(dots >= 0 && dots <= static_cast<int>(kUnder.size()));
  return term.substr(0, at) + std::string(kUnder.substr(kUnder.size() - static_cast<size_t>(dots))) +
         term.substr(at + 3);
}

struct Equation {
  std::vector<std::string> terms;
  std::string result;
};

Equation equation_of(const OperationCall& call, const std::vector<Value>& operands) {
  std::string text = call.text("subscripts", "");
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  const size_t arrow = text.find("->");
  std::string left = text.substr(0, arrow);
  Equation equation;
  for (size_t end; (end = left.find(',')) != std::string::npos; left = left.substr(end + 1))
    equation.terms.push_back(left.substr(0, end));
  equation.terms.push_back(left);
  if (equation.terms.size() != operands.size()) call.refuse("subscripts", "a term for each tensor");
  int most = 0;
  std::map<char, int> seen;
  for (size_t i = 0; i < operands.size(); ++i) {
    std::string& term = equation.terms[i];
    const bool dotted = term.find("...") != std::string::npos;
    const int dots = dotted ? operands[i].rank() - static_cast<int>(term.size()) + 3 : 0;
    term = expanded_term(call, term, dots);
    call.expect_shapes(static_cast<int>(term.size()) == operands[i].rank());
    most = std::max(most, dots);
    for (const char label : term) {
      if (std::isalnum(static_cast<unsigned char>(label)) == 0) call.refuse("subscripts", "letters");
      ++seen[label];
    }
  }
  if (arrow != std::string::npos) {
    equation.result = expanded_term(call, text.substr(arrow + 2), most);
  } else {
    for (const auto& [label, count] : seen)
      if (std::isdigit(static_cast<unsigned char>(label)) != 0 || count == 1) equation.result += label;
  }
  for (const char label : equation.result)
    if (seen.count(label) == 0 || std::count(equation.result.begin(), equation.result.end(), label) > 1)
      call.refuse("subscripts", "a result of letters that the terms have");
  return equation;
}

void expect_equal_sizes(const OperationCall& call, const Equation& equation, const std::vector<Value>& operands) {
  std::map<char, int64_t> sizes;
  for (size_t i = 0; i < operands.size(); ++i)
    for (int axis = 0; axis < operands[i].rank(); ++axis) {
      const auto [at, fresh] = sizes.emplace(equation.terms[i][static_cast<size_t>(axis)], operands[i].shape()[axis]);
      call.expect_shapes(fresh || at->second == operands[i].shape()[axis]);
    }
}

/// One term alone: sums, then the order of the result.
Value einsum_of_one(const OperationCall& call, Value x, std::string labels, const std::string& result) {
  if (std::set<char>(labels.begin(), labels.end()).size() != labels.size())
    call.refuse("subscripts", "each letter of a single term once");
  std::vector<int> summed;
  std::string left;
  for (size_t axis = 0; axis < labels.size(); ++axis) {
    if (result.find(labels[axis]) == std::string::npos)
      summed.push_back(static_cast<int>(axis));
    else
      left += labels[axis];
  }
  if (!summed.empty()) x = sum(x, summed);
  std::vector<int> order;
  for (const char label : result) order.push_back(static_cast<int>(left.find(label)));
  return transpose(x, order);
}

Values einsum_of(const OperationCall& call) {
  std::vector<Value> operands = call.tensors("operands");
  for (Value& operand : operands) operand = cast(operand, call.floating());
  Equation equation = equation_of(call, operands);
  expect_equal_sizes(call, equation, operands);
  if (operands.size() == 1) return {einsum_of_one(call, operands[0], equation.terms[0], equation.result)};
  Labelled so_far{operands[0], equation.terms[0]};
  for (size_t i = 1; i < operands.size(); ++i) {
    std::string later = equation.result;
    for (size_t k = i + 1; k < operands.size(); ++k) later += equation.terms[k];
    const bool last = i + 1 == operands.size();
    std::string kept = last ? equation.result : "";
    for (const char label : last ? "" : so_far.labels + equation.terms[i])
      if (later.find(label) != std::string::npos && kept.find(label) == std::string::npos) kept += label;
    so_far = {einsum(so_far, {operands[i], equation.terms[i]}, kept), kept};
  }
  return {so_far.value};
}

/// numpy.tensordot: sums over the last `axes` of a with the first of b, or over two lists of them.
Values tensor_dot(const OperationCall& call) {
  const Value a = call.floats("x1");
  const Value b = call.floats("x2");
  std::vector<int> of_a, of_b;
  const Json axes = call.json("axes");
  const auto read = [&](const Json& list, int rank, std::vector<int>& places) {
    for (const Json& item : list.is_array() ? list : Json::array({list})) {
      if (!item.is_number_integer() || resolve_axis(item.get<int64_t>(), rank) < 0) call.refuse("axes", "axes");
      places.push_back(resolve_axis(item.get<int64_t>(), rank));
    }
  };
  if (axes.is_array() && axes.size() == 2) {
    read(axes[0], a.rank(), of_a);
    read(axes[1], b.rank(), of_b);
  } else {
    const int64_t count = call.integer("axes", 3);
    call.expect_shapes(count >= 0 && count <= std::min(a.rank(), b.rank()));
    for (int i = 0; i < count; ++i) {
      of_a.push_back(a.rank() - static_cast<int>(count) + i);
      of_b.push_back(i);
    }
  }
  call.expect_shapes(of_a.size() == of_b.size() && a.rank() + b.rank() <= 26);
  std::string labels_a, labels_b, result;
  for (int i = 0; i < a.rank(); ++i) labels_a += static_cast<char>('a' + i);
  for (int i = 0; i < b.rank(); ++i) labels_b += static_cast<char>('a' + a.rank() + i);
  for (size_t i = 0; i < of_a.size(); ++i) {
    call.expect_shapes(a.shape()[of_a[i]] == b.shape()[of_b[i]]);
    labels_b[static_cast<size_t>(of_b[i])] = labels_a[static_cast<size_t>(of_a[i])];
  }
  for (const char label : labels_a)
    if (labels_b.find(label) == std::string::npos) result += label;
  for (const char label : labels_b)
    if (labels_a.find(label) == std::string::npos) result += label;
  return {einsum({a, labels_a}, {b, labels_b}, result)};
}

}  // namespace
}  // namespace linear_op

std::vector<Operation> linear_operations() {
  using namespace linear_op;
  return {{"Matmul", "x1 x2", "", matmul_of},
          {"Dot", "x1 x2", "", dot_of},
          {"Outer", "x1 x2", "", outer_product},
          {"DotProductAttention", "query key value bias mask scale", "is_causal flash_attention attn_logits_soft_cap",
           attention},
          {"Einsum", "*operands", "subscripts", einsum_of},
          {"Tensordot", "x1 x2", "axes", tensor_dot}};
}

}  // namespace trainyard

// einsum against the definition: a loop over every label.
#include "engine/ops/einsum.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>

#include "engine/core/philox.h"
#include "tests/backends/interpret.h"

namespace trainyard::testing {
namespace {

const std::map<char, int64_t> kSizes{{'a', 2}, {'b', 3}, {'c', 4}, {'d', 2}, {'e', 5}, {'f', 1}};

Tensor random_tensor(const std::string& labels, uint64_t seed) {
  Shape shape;
  for (const char label : labels) shape.push_back(kSizes.at(label));
  Tensor tensor(DType::f64, shape);
  const Philox random{.seed = seed};
  for (size_t i = 0; i < tensor.span<double>().size(); ++i) tensor.span<double>()[i] = random.normal(i);
  return tensor;
}

double at(const Tensor& tensor, const std::string& labels, const std::map<char, int64_t>& index) {
  int64_t offset = 0;
  for (const char label : labels) offset = offset * kSizes.at(label) + index.at(label);
  return tensor.span<double>()[static_cast<size_t>(offset)];
}

/// Adds up over all values of the labels in `open`.
double sum_over(const std::string& open, std::map<char, int64_t> index,
                const std::function<double(const std::map<char, int64_t>&)>& term) {
  if (open.empty()) return term(index);
  double sum = 0;
  for (index[open[0]] = 0; index[open[0]] < kSizes.at(open[0]); ++index[open[0]])
    sum += sum_over(open.substr(1), index, term);
  return sum;
}

void expect_definition(const std::string& a, const std::string& b, const std::string& y) {
  const Tensor left = random_tensor(a, 1);
  const Tensor right = random_tensor(b, 2);
  Graph graph;
  const Value x = graph.input("a", {DType::f64, left.shape()});
  const Value w = graph.input("b", {DType::f64, right.shape()});
  const Value result = einsum({x, a}, {w, b}, y);
  const Tensor got = interpret(graph, {left, right})[static_cast<size_t>(result.id())];
  std::string summed;
  for (const char label : a + b)
    if (y.find(label) == std::string::npos && summed.find(label) == std::string::npos) summed += label;
  int64_t i = 0;
  sum_over(y, {}, [&](const std::map<char, int64_t>& index) {
    const double wanted = sum_over(
        summed, index, [&](const std::map<char, int64_t>& all) { return at(left, a, all) * at(right, b, all); });
    EXPECT_NEAR(got.span<double>()[static_cast<size_t>(i++)], wanted, 1e-12) << a << "," << b << "->" << y;
    return 0.0;
  });
  EXPECT_EQ(i, got.elements());
}

TEST(Einsum, IsTheSumOverTheLabelsThatTheResultLeavesOut) {
  for (const auto& [a, b, y] : std::vector<std::array<std::string, 3>>{
           {"ab", "bc", "ac"},     {"ab", "bc", "ca"},       {"ab", "cb", "ac"},     {"ba", "bc", "ac"},
           {"abc", "cde", "abde"}, {"abc", "cde", "adbe"},   {"abcd", "cde", "abe"}, {"abc", "acd", "abd"},
           {"abc", "adc", "adb"},  {"bac", "cda", "dab"},    {"abc", "bca", "b"},    {"abc", "abc", ""},
           {"ab", "c", "acb"},     {"ab", "ab", "ab"},       {"abc", "b", "ac"},     {"abc", "c", "abc"},
           {"abe", "cd", "ac"},    {"abcd", "dcef", "abfe"}, {"f", "f", ""},         {"abc", "acde", "abde"},
           {"aab", "bc", "ac"},    {"aba", "ca", "cb"},      {"abb", "bcc", "abc"},  {"aa", "b", "b"}})
    expect_definition(a, b, y);
}

TEST(Einsum, IsOneProductWithoutMovesWhereTheLabelsAreInOrder) {
  for (const auto& [a, b, y] : std::vector<std::array<std::string, 3>>{
           {"abc", "cde", "abde"}, {"abcd", "cde", "abe"}, {"abc", "adc", "abd"}, {"ab", "cb", "ca"}}) {
    Graph graph;
    const Value x = graph.input("a", {DType::f64, random_tensor(a, 1).shape()});
    const Value w = graph.input("b", {DType::f64, random_tensor(b, 1).shape()});
    einsum({x, a}, {w, b}, y);
    int products = 0;
    for (const Node& node : graph.nodes()) {
      EXPECT_FALSE(std::holds_alternative<op::Transpose>(node.op)) << a << "," << b << "->" << y;
      products += std::holds_alternative<op::MatMul>(node.op);
    }
    EXPECT_EQ(products, 1);
  }
}

}  // namespace
}  // namespace trainyard::testing

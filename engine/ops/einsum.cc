#include "engine/ops/einsum.h"

#include <algorithm>

namespace trainyard {
namespace {

bool has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

int64_t size_of_label(const Labelled& x, char label) { return x.value.shape()[static_cast<int>(x.labels.find(label))]; }

/// x with its dimensions in the order of `labels`, a permutation of its own.
Value in_order(const Labelled& x, const std::string& labels) {
  std::vector<int> order;
  for (const char label : labels) order.push_back(static_cast<int>(x.labels.find(label)));
  return transpose(x.value, order);
}

/// Every label once. The diagonal of an n x n matrix is each (n + 1)-th of its n * n elements.
Labelled diagonals(Labelled x) {
  for (size_t i = 0; i < x.labels.size(); ++i) {
    const size_t j = x.labels.find(x.labels[i], i + 1);
    if (j == std::string::npos) continue;
    std::vector<int> order;
    std::string rest;
    Shape flat;
    for (size_t d = 0; d < x.labels.size(); ++d) {
      if (d == i || d == j) continue;
      order.push_back(static_cast<int>(d));
      rest += x.labels[d];
      flat.push_back(x.value.shape()[static_cast<int>(d)]);
    }
    order.push_back(static_cast<int>(i));
    order.push_back(static_cast<int>(j));
    const int64_t n = x.value.shape()[static_cast<int>(i)];
    flat.push_back(n * n);
    std::vector<int64_t> sizes = flat.dims();
    std::vector<int64_t> step(sizes.size(), 1);
    sizes.back() = n;
    step.back() = n + 1;
    const Value matrices = reshape(transpose(x.value, order), flat);
    return diagonals({slice(matrices, std::vector<int64_t>(sizes.size(), 0), sizes, step), rest + x.labels[i]});
  }
  return x;
}

/// Summed over the labels that neither the other operand nor the result has.
Labelled without_lonely(const Labelled& x, const std::string& other, const std::string& result) {
  std::vector<int> lonely;
  std::string rest;
  for (size_t d = 0; d < x.labels.size(); ++d) {
    if (has(other, x.labels[d]) || has(result, x.labels[d]))
      rest += x.labels[d];
    else
      lonely.push_back(static_cast<int>(d));
  }
  return lonely.empty() ? x : Labelled{sum(x.value, lonely), rest};
}

/// An operand of the product: [batch, rows, columns], or [batch, columns, rows] when `flipped`.
struct Matrices {
  Value value;
  bool flipped = false;
};

int64_t product_of(const Labelled& x, const std::string& labels) {
  int64_t product = 1;
  for (const char label : labels) product *= size_of_label(x, label);
  return product;
}

/// Without a move wherever one of the two orders is x's own. No batch: matrices of rank 2.
Matrices matrices_of(const Labelled& x, const std::string& batch, const std::string& rows, const std::string& columns) {
  const bool flipped = x.labels != batch + rows + columns && x.labels == batch + columns + rows;
  const std::string& first = flipped ? columns : rows;
  const std::string& second = flipped ? rows : columns;
  Shape shape;
  if (!batch.empty()) shape.push_back(product_of(x, batch));
  shape.push_back(product_of(x, first));
  shape.push_back(product_of(x, second));
  return {reshape(in_order(x, batch + first + second), shape), flipped};
}

/// x with its labels in the order of `labels` and 1 where it has none, so that it broadcasts.
Value spread(const Labelled& x, const std::string& labels) {
  std::string own;
  Shape shape;
  for (const char label : labels) {
    if (has(x.labels, label)) own += label;
    shape.push_back(has(x.labels, label) ? size_of_label(x, label) : 1);
  }
  return reshape(in_order(x, own), shape);
}

/// How the labels of a product fall.
struct Roles {
  std::string batch, summed, rows, columns;
};

Roles roles_of(const Labelled& a, const Labelled& b, const std::string& result) {
  Roles roles;
  for (const char label : a.labels)
    (!has(b.labels, label) ? roles.rows : has(result, label) ? roles.batch : roles.summed) += label;
  for (const char label : b.labels)
    if (!has(a.labels, label)) roles.columns += label;
  return roles;
}

Value product(const Labelled& a, const Labelled& b, const Roles& roles, const std::string& labels) {
  const Matrices left = matrices_of(a, roles.batch, roles.rows, roles.summed);
  const Matrices right = matrices_of(b, roles.batch, roles.summed, roles.columns);
  // (a b)^T = b^T a^T where the result wants b's labels first
  const bool turned =
      labels != roles.batch + roles.rows + roles.columns && labels == roles.batch + roles.columns + roles.rows;
  const Value y = turned ? matmul(right.value, left.value, !right.flipped, !left.flipped)
                         : matmul(left.value, right.value, left.flipped, right.flipped);
  const std::string order = roles.batch + (turned ? roles.columns + roles.rows : roles.rows + roles.columns);
  Shape shape;
  for (const char label : order)
    shape.push_back(has(a.labels, label) ? size_of_label(a, label) : size_of_label(b, label));
  return in_order({reshape(y, shape), order}, labels);
}

}  // namespace

Value einsum(const Labelled& a, const Labelled& b, const std::string& labels) {
  check(
      static_cast<size_t>(a.value.rank()) == a.labels.size() && static_cast<size_t>(b.value.rank()) == b.labels.size(),
      "a label for each dimension");
  const Labelled x = without_lonely(diagonals(a), b.labels, labels);
  const Labelled y = without_lonely(diagonals(b), a.labels, labels);
  const Roles roles = roles_of(x, y, labels);
  if (roles.summed.empty()) return spread(x, labels) * spread(y, labels);
  if (roles.rows.empty() && roles.columns.empty()) {
    const std::string all = labels + roles.summed;
    const int kept = static_cast<int>(labels.size());
    std::vector<int> axes;
    for (int axis = kept; axis < static_cast<int>(all.size()); ++axis) axes.push_back(axis);
    return sum(spread(x, all) * spread(y, all), axes);
  }
  return product(x, y, roles, labels);
}

}  // namespace trainyard

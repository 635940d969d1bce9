#include "engine/layers/image_layer.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace trainyard {
namespace {

/// Two numbers, each within the argument's bounds, into `pair` in order. False after complaining.
bool parse_pair(const Json& value, double (&pair)[2], const ArgSpec& spec, const ParseContext& context) {
  if (!value.is_array() || value.size() != 2) return context.expected("a list of two numbers", value), false;
  bool good = true;
  for (size_t i = 0; i < 2; ++i) good &= parse_number(value[i], pair[i], spec, context.item(i));
  if (good) std::sort(std::begin(pair), std::end(pair));
  return good;
}

}  // namespace

bool ArgTraits<ValueRange>::parse(const Json& value, ValueRange& result, const ArgSpec& spec,
                                  const ParseContext& context) {
  double pair[2];
  if (!parse_pair(value, pair, spec, context)) return false;
  if (pair[0] == pair[1]) return context.expected("two numbers that differ", value), false;
  result = {pair[0], pair[1]};
  return true;
}

bool ArgTraits<FactorRange>::parse(const Json& value, FactorRange& result, const ArgSpec& spec,
                                   const ParseContext& context) {
  double pair[2];
  if (value.is_array()) {
    if (!parse_pair(value, pair, spec, context)) return false;
    result = {pair[0], pair[1]};
    return true;
  }
  double number = 0;
  if (!parse_number(value, number, spec, context)) return false;
  number = std::abs(number);
  result = {number == 0 ? 0 : std::max(-number, spec.options.min), number};
  return true;
}

bool ArgTraits<GivenFactor>::parse(const Json& value, GivenFactor& result, const ArgSpec& spec,
                                   const ParseContext& context) {
  if (!ArgTraits<FactorRange>::parse(value, result, spec, context)) return false;
  result.is_pair = value.is_array();
  for (size_t i = 0; i < 2; ++i) result.given[i] = (result.is_pair ? value[i] : value).get<double>();
  return true;
}

Value Draws::draw(op::RandomKind kind, const Shape& shape, double a, double b) {
  return random(context_.graph(), {.kind = kind,
                                   .dtype = dtype(),
                                   .shape = shape,
                                   .stream = context_.next_random_stream(),
                                   .seed = seed_,
                                   .a = a,
                                   .b = b});
}

Value Draws::whole(int64_t a, int64_t b, bool common) {
  const auto low = static_cast<double>(a);
  const auto end = static_cast<double>(b);
  return unary(op::UnaryKind::floor, common ? common_uniform(low, end) : uniform(low, end));
}

Value Draws::chance(const FactorRange& probability) {
  const Value wanted = uniform(probability);
  return binary(op::BinaryKind::less, uniform(0, 1), wanted);
}

Value Draws::log_gamma(Value shape) {
  return context_.graph().add_one(op::RandomLogGamma{.stream = context_.next_random_stream(), .seed = seed_}, {shape});
}

/// The rank of each of n random keys. Keys have 24 bits; of two alike the one with the lower number comes first.
Value Draws::permutation() {
  const int64_t n = images();
  const Value keys = draw(op::RandomKind::uniform, {n}, 0, 1);
  Tensor earlier(DType::f64, {n, n});  // [i, j]: j < i
  const auto flags = earlier.span<double>();
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < i; ++j) flags[static_cast<size_t>(i * n + j)] = 1;
  const Value mine = reshape(keys, {n, 1});
  const Value theirs = reshape(keys, {1, n});
  const Value lower = cast(binary(op::BinaryKind::less, theirs, mine), dtype());
  const Value tied = cast(equal(theirs, mine), dtype()) * context_.graph().constant(earlier.cast(dtype()));
  return cast(sum(lower + tied, {1}), DType::i32);
}

}  // namespace trainyard

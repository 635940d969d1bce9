// ArgTraits of the kinds that every declaration uses. Included by declare.h.
#pragma once

#include <array>
#include <nlohmann/json.hpp>

#include "engine/core/declare.h"
#include "engine/core/dtype.h"
#include "engine/core/keras_object.h"
#include "engine/core/shape.h"

namespace trainyard {

/// Reads a number and checks the argument's bounds.
bool parse_integer(const Json& value, int64_t& result, const ArgSpec& spec, const ParseContext& context);
bool parse_number(const Json& value, double& result, const ArgSpec& spec, const ParseContext& context);
/// "at least 1", "between 0 and 1", for messages.
std::string range_text(const ArgOptions& options);

template <>
struct ArgTraits<bool> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::flag; }
  static bool parse(const Json& value, bool& result, const ArgSpec&, const ParseContext& context) {
    if (!value.is_boolean()) return context.expected("true or false", value), false;
    result = value.get<bool>();
    return true;
  }
  static Json print(bool value) { return value; }
};

template <>
struct ArgTraits<int64_t> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::integer; }
  static bool parse(const Json& value, int64_t& result, const ArgSpec& spec, const ParseContext& context) {
    return parse_integer(value, result, spec, context);
  }
  static Json print(int64_t value) { return value; }
};

template <>
struct ArgTraits<double> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::number; }
  static bool parse(const Json& value, double& result, const ArgSpec& spec, const ParseContext& context) {
    return parse_number(value, result, spec, context);
  }
  static Json print(double value) { return number_json(value); }
};

template <>
struct ArgTraits<std::string> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::text; }
  static bool parse(const Json& value, std::string& result, const ArgSpec&, const ParseContext& context) {
    if (!value.is_string()) return context.expected("a text", value), false;
    result = value.get<std::string>();
    return true;
  }
  static Json print(const std::string& value) { return value; }
};

template <>
struct ArgTraits<Json> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::json;
    spec.nullable = true;
  }
  static bool parse(const Json& value, Json& result, const ArgSpec&, const ParseContext&) {
    result = value;
    return true;
  }
  static Json print(const Json& value) { return value; }
};

/// An enum names its values by a function found beside it: `constexpr auto choice_names(Padding)` returns an array of
/// string_view in the order of the enumerators.
template <typename E>
struct ArgTraits<E, std::enable_if_t<std::is_enum_v<E> && !std::is_same_v<E, DType>>> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::choice;
    for (const std::string_view name : choice_names(E{})) spec.choices.emplace_back(name);
  }
  static bool parse(const Json& value, E& result, const ArgSpec& spec, const ParseContext& context) {
    constexpr auto names = choice_names(E{});
    if (value.is_string())
      for (size_t i = 0; i < names.size(); ++i)
        if (value.get_ref<const std::string&>() == names[i]) return result = static_cast<E>(i), true;
    std::string known;
    for (const std::string& name : spec.choices) known += (known.empty() ? "" : ", ") + name;
    context.error("argument.choice", {{"choices", known}, {"value", value.dump()}});
    return false;
  }
  static Json print(E value) { return choice_names(E{})[static_cast<size_t>(value)]; }
};

template <typename M>
struct ArgTraits<std::optional<M>> {
  static void describe(ArgSpec& spec) {
    ArgTraits<M>::describe(spec);
    spec.nullable = true;
  }
  static bool parse(const Json& value, std::optional<M>& result, const ArgSpec& spec, const ParseContext& context) {
    if (value.is_null()) return result.reset(), true;
    M inner{};
    if (!ArgTraits<M>::parse(value, inner, spec, context)) return false;
    result = std::move(inner);
    return true;
  }
  static Json print(const std::optional<M>& value) { return value ? ArgTraits<M>::print(*value) : Json(nullptr); }
};

/// N integers; a single one stands for all (kernel_size, strides).
template <size_t N>
using IntTuple = std::array<int64_t, N>;

template <size_t N>
struct ArgTraits<std::array<int64_t, N>> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::int_tuple;
    spec.length = static_cast<int>(N);
  }
  static bool parse(const Json& value, IntTuple<N>& result, const ArgSpec& spec, const ParseContext& context) {
    if (value.is_number()) {
      int64_t all = 0;
      if (!parse_integer(value, all, spec, context)) return false;
      result.fill(all);
      return true;
    }
    if (!value.is_array() || value.size() != N)
      return context.expected("a whole number or a list of " + std::to_string(N), value), false;
    bool good = true;
    for (size_t i = 0; i < N; ++i) good &= parse_integer(value[i], result[i], spec, context.item(i));
    return good;
  }
  static Json print(const IntTuple<N>& value) {
    Json list = Json::array();
    for (const int64_t entry : value) list.push_back(entry);
    return list;
  }
};

template <>
struct ArgTraits<std::vector<int64_t>> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::int_list; }
  static bool parse(const Json& value, std::vector<int64_t>& result, const ArgSpec& spec, const ParseContext& context) {
    if (!value.is_array()) return context.expected("a list of whole numbers", value), false;
    std::vector<int64_t> entries(value.size());
    bool good = true;
    for (size_t i = 0; i < entries.size(); ++i) good &= parse_integer(value[i], entries[i], spec, context.item(i));
    if (good) result = std::move(entries);
    return good;
  }
  static Json print(const std::vector<int64_t>& value) {
    Json list = Json::array();
    for (const int64_t entry : value) list.push_back(entry);
    return list;
  }
};

/// One axis or several (BatchNormalization's axis is one, LayerNormalization's may be a list). Prints as it was given.
struct Axis {
  std::vector<int64_t> axes;
  bool is_list = false;
  Axis(int64_t axis) : axes{axis} {}  // NOLINT: `Axis axis = -1` reads as Keras does
  Axis() = default;
};

template <>
struct ArgTraits<Axis> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::axis; }
  static bool parse(const Json& value, Axis& result, const ArgSpec& spec, const ParseContext& context) {
    result.is_list = value.is_array();
    if (result.is_list) return ArgTraits<std::vector<int64_t>>::parse(value, result.axes, spec, context);
    result.axes.resize(1);
    return parse_integer(value, result.axes[0], spec, context);
  }
  static Json print(const Axis& value) {
    return value.is_list ? ArgTraits<std::vector<int64_t>>::print(value.axes) : Json(value.axes.front());
  }
};

/// More dimensions than this are refused.
inline constexpr size_t kMaxRank = 8;

/// A tensor shape; null entries are kUnknown.
template <>
struct ArgTraits<Shape> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::shape; }
  static bool parse(const Json& value, Shape& result, const ArgSpec& spec, const ParseContext& context) {
    if (!value.is_array() || value.size() > kMaxRank)
      return context.expected("a list of at most " + std::to_string(kMaxRank) + " sizes", value), false;
    std::vector<int64_t> dims(value.size(), kUnknown);
    bool good = true;
    for (size_t i = 0; i < dims.size(); ++i)
      if (!value[i].is_null()) good &= parse_integer(value[i], dims[i], spec, context.item(i));
    if (good) result = Shape(std::move(dims));
    return good;
  }
  static Json print(const Shape& value) {
    Json list = Json::array();
    for (const int64_t dim : value) list.push_back(dim == kUnknown ? Json(nullptr) : Json(dim));
    return list;
  }
};

/// Zeros (or cropping) before and after along each of N dimensions: 1, [1, 2] or [[1, 0], [2, 3]] (N = 1: 1 or [1, 2]).
template <size_t N>
struct PaddingPairs {
  std::array<std::array<int64_t, 2>, N> pairs{};
};

template <size_t N>
struct ArgTraits<PaddingPairs<N>> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::padding;
    spec.length = static_cast<int>(N);
  }
  static bool parse_pair(const Json& value, std::array<int64_t, 2>& pair, const ArgSpec& spec,
                         const ParseContext& context) {
    return ArgTraits<IntTuple<2>>::parse(value, pair, spec, context);
  }
  static bool parse(const Json& value, PaddingPairs<N>& result, const ArgSpec& spec, const ParseContext& context) {
    if (N == 1 && value.is_array() && value.size() == 2) return parse_pair(value, result.pairs[0], spec, context);
    if (value.is_array() && value.size() != N)
      return context.expected("a whole number, or one or a pair for each of " + std::to_string(N) + " dimensions",
                              value),
             false;
    bool good = true;
    for (size_t i = 0; i < N; ++i)
      good &= value.is_array() ? parse_pair(value[i], result.pairs[i], spec, context.item(i))
                               : parse_pair(value, result.pairs[i], spec, context);
    return good;
  }
  static Json print(const PaddingPairs<N>& value) {
    Json list = Json::array();
    for (const auto& pair : value.pairs) list.push_back(Json::array({pair[0], pair[1]}));
    return N == 1 ? list[0] : list;
  }
};

template <typename Base>
struct ArgTraits<Ref<Base>> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::reference;
    spec.nullable = true;
    spec.group = Base::kGroup;
  }
  static bool parse(const Json& value, Ref<Base>& result, const ArgSpec&, const ParseContext& context) {
    if (value.is_null()) return result = Ref<Base>(), true;
    std::shared_ptr<const Declared> parsed = Base::registry().parse(value, context);
    if (parsed == nullptr) return false;
    result = Ref<Base>(std::static_pointer_cast<const Base>(parsed));
    return true;
  }
  static Json print(const Ref<Base>& value) { return value ? Base::print(*value) : Json(nullptr); }
};

// Compiled once, in arg_traits.cc.
extern template struct MemberArg<bool>;
extern template struct MemberArg<int64_t>;
extern template struct MemberArg<double>;
extern template struct MemberArg<std::string>;
extern template struct MemberArg<Json>;
extern template struct MemberArg<std::optional<int64_t>>;
extern template struct MemberArg<std::optional<double>>;

}  // namespace trainyard

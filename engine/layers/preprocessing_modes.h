// How layers that find categories put them out: as numbers, or as vectors with a place for each category.
#pragma once

#include <array>
#include <string_view>

#include "engine/layers/layer_declaration.h"

namespace trainyard {

enum class CategoryMode : uint8_t { integer, one_hot, multi_hot, count, tf_idf };

std::string_view name_of(CategoryMode mode);

/// One of a layer's own modes, the first being its default. Keras's former names "binary" and "tf-idf" are read too.
template <CategoryMode Default, CategoryMode... Others>
struct ModeOf {
  CategoryMode value = Default;
  bool is(CategoryMode mode) const { return value == mode; }
};

bool parse_mode(const Json& value, CategoryMode& result, const ArgSpec& spec, const ParseContext& context);

template <CategoryMode Default, CategoryMode... Others>
struct ArgTraits<ModeOf<Default, Others...>> {
  using Mode = ModeOf<Default, Others...>;
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::choice;
    for (const CategoryMode mode : {Default, Others...}) spec.choices.emplace_back(name_of(mode));
  }
  static bool parse(const Json& value, Mode& result, const ArgSpec& spec, const ParseContext& context) {
    return parse_mode(value, result.value, spec, context);
  }
  static Json print(const Mode& value) { return name_of(value.value); }
};

/// The shape of categories of this shape once encoded in vectors of `depth` (kUnknown: not known yet).
/// one_hot: [..] -> [.., depth], a last size of 1 falls away; multi_hot, count, tf_idf: [n, k, ..] -> [n, .., depth].
Shape encoded_shape(const Shape& shape, CategoryMode mode, int64_t depth);

/// categories: i32 [n, k, ..], those outside [0, depth) count for nothing. `weights` (count only; may be none): as many numbers,
/// which are summed instead of ones. integer: the categories as they are.
Value encode_categories(Value categories, CategoryMode mode, int64_t depth, DType dtype, Value weights = {});

/// A dtype that may be a whole number's, by name or as a policy; null: by the output's mode (int64 or float32).
/// Whole numbers are computed as int32 whatever their width: no category needs more.
struct CategoryDType {
  std::string name = {};
  /// Keras writes it as a bare name, not as a policy.
  bool bare = false;
};

template <>
struct ArgTraits<CategoryDType> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, CategoryDType& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const CategoryDType& value);
};

/// Complains unless the dtype suits the mode; `layer_dtype` gets the dtype of what is not whole.
void settle_dtype(CategoryDType& dtype, CategoryMode mode, DTypePolicy& layer_dtype);
void check_dtype(const CategoryDType& dtype, CategoryMode mode, const ParseContext& context);

inline constexpr const char* kNoSparse = "there are no sparse tensors here";
inline constexpr const char* kModeDoc = "A number, or a vector with a place for each category.";

}  // namespace trainyard

#include "engine/layers/preprocessing_modes.h"

#include <algorithm>

#include "engine/ops/lookup_builder.h"

namespace trainyard {
namespace {

bool is_whole_name(const std::string& name) { return name == "int64" || name == "int32"; }

Value without_last_one(Value x) {
  const Shape& shape = x.shape();
  return shape.rank() > 1 && shape.back() == 1 ? reshape(x, shape.slice(0, shape.rank() - 1)) : x;
}

}  // namespace

std::string_view name_of(CategoryMode mode) {
  switch (mode) {
    case CategoryMode::integer: return "int";
    case CategoryMode::one_hot: return "one_hot";
    case CategoryMode::multi_hot: return "multi_hot";
    case CategoryMode::count: return "count";
    case CategoryMode::tf_idf: return "tf_idf";
  }
  return "int";
}

bool parse_mode(const Json& value, CategoryMode& result, const ArgSpec& spec, const ParseContext& context) {
  std::string name = value.is_string() ? value.get<std::string>() : "";
  if (name == "binary") name = "multi_hot";
  if (name == "tf-idf") name = "tf_idf";
  for (const std::string& choice : spec.choices)
    for (const CategoryMode mode : {CategoryMode::integer, CategoryMode::one_hot, CategoryMode::multi_hot,
                                    CategoryMode::count, CategoryMode::tf_idf})
      if (name == choice && name == name_of(mode)) return result = mode, true;
  std::string known;
  for (const std::string& choice : spec.choices) known += (known.empty() ? "" : ", ") + choice;
  context.error("argument.choice", {{"choices", known}, {"value", value.dump()}});
  return false;
}

Shape encoded_shape(const Shape& shape, CategoryMode mode, int64_t depth) {
  Shape result = shape;
  switch (mode) {
    case CategoryMode::integer: return shape;
    case CategoryMode::one_hot:
      if (shape.rank() > 1 && shape.back() == 1) result = shape.slice(0, shape.rank() - 1);
      break;
    case CategoryMode::multi_hot:
    case CategoryMode::count:
    case CategoryMode::tf_idf: {
      const int axis = shape.rank() > 1 ? 1 : 0;  // Keras takes the axis behind the batch for a sample's categories
      result = shape.slice(0, std::min(axis, shape.rank()));
      for (int i = axis + 1; i < shape.rank(); ++i) result.push_back(shape[i]);
      break;
    }
  }
  result.push_back(depth);
  return result;
}

Value encode_categories(Value categories, CategoryMode mode, int64_t depth, DType dtype, Value weights) {
  if (mode == CategoryMode::integer) return categories;
  if (mode == CategoryMode::one_hot) return one_hot(without_last_one(categories), depth, dtype);
  if (categories.rank() == 2 && !weights) return bin_count(categories, depth, mode == CategoryMode::multi_hot, dtype);
  const int axis = categories.rank() > 1 ? 1 : 0;
  Value hot = one_hot(categories, depth, dtype);
  if (weights) {
    Shape shape = weights.shape();
    shape.push_back(1);
    hot = hot * reshape(weights, shape);
  }
  return reduce(mode == CategoryMode::multi_hot ? op::ReduceKind::max : op::ReduceKind::sum, hot, {axis});
}

void ArgTraits<CategoryDType>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::dtype;
  spec.choices = {"float32", "float64", "int32", "int64"};
  spec.nullable = true;
}

bool ArgTraits<CategoryDType>::parse(const Json& value, CategoryDType& result, const ArgSpec& spec,
                                     const ParseContext& context) {
  if (value.is_null()) return result.name.clear(), true;
  const Json* name = &value;
  if (value.is_object() && value.contains("config") && value["config"].is_object() && value["config"].contains("name"))
    name = &value["config"]["name"];
  if (name->is_string() && std::find(spec.choices.begin(), spec.choices.end(), *name) != spec.choices.end())
    return result.name = name->get<std::string>(), true;
  context.error("argument.choice", {{"choices", "float32, float64, int32, int64"},
                                    {"value", name->dump(-1, ' ', false, Json::error_handler_t::replace)}});
  return false;
}

Json ArgTraits<CategoryDType>::print(const CategoryDType& value) {
  if (value.name.empty()) return nullptr;
  if (value.bare) return value.name;
  return {{"module", "keras"},
          {"class_name", "DTypePolicy"},
          {"config", {{"name", value.name}}},
          {"registered_name", nullptr}};
}

void settle_dtype(CategoryDType& dtype, CategoryMode mode, DTypePolicy& layer_dtype) {
  if (dtype.name.empty()) dtype.name = mode == CategoryMode::integer ? "int64" : "float32";
  layer_dtype.dtype = dtype.name == "float64" ? DType::f64 : DType::f32;
}

void check_dtype(const CategoryDType& dtype, CategoryMode mode, const ParseContext& context) {
  const bool whole = is_whole_name(dtype.name);
  if (whole == (mode == CategoryMode::integer)) return;
  context.child("dtype").error("argument.choice", {{"choices", whole ? "float32, float64" : "int32, int64"},
                                                   {"value", "\"" + dtype.name + "\""}});
}

}  // namespace trainyard

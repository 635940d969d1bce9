// keras.layers.CategoryEncoding
#include "engine/layers/layer_families.h"
#include "engine/layers/preprocessing_modes.h"

namespace trainyard {
namespace {

/// x: whole numbers [n, k]  count_weights: [n, k]  y: [n, num_tokens] (one_hot: [n, k, num_tokens])
struct CategoryEncoding final : LayerOf<CategoryEncoding> {
  std::optional<int64_t> num_tokens;  // Keras's default is None, which it refuses
  ModeOf<CategoryMode::multi_hot, CategoryMode::one_hot, CategoryMode::count> output_mode;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<CategoryEncoding>("CategoryEncoding", "preprocessing",
                                            "Turns whole numbers that name categories into vectors of zeros and ones.")
            .arg("num_tokens", &CategoryEncoding::num_tokens, "How many categories there are, counted from 0.",
                 kPositive)
            .arg("output_mode", &CategoryEncoding::output_mode,
                 "A vector for each number (one_hot), or one for all of a sample that marks or counts them.")
            .refuse("sparse", "false", kNoSparse, true)
            .summary({"num_tokens", "output_mode"})
            .rule([](const CategoryEncoding& layer, const ParseContext& context) {
              if (!layer.num_tokens) context.child("num_tokens").error("argument.missing");
            })
            .build();
    return kInfo;
  }
  InputArity arity() const override { return {1, 2}; }
  bool keeps_integers() const override { return true; }
  bool works_by_sample() const override { return true; }
  std::vector<std::string> tensor_arguments() const override { return {"count_weights"}; }
  void build(BuildContext& context) const override {
    if (!context.expect_min_rank(1)) return;
    if (context.input_count() == 2 && !output_mode.is(CategoryMode::count))
      return context.error("output_mode", "category.weights", {{"mode", std::string(name_of(output_mode.value))}});
    if (context.input_count() == 2 && context.shape(1) != context.shape(0))
      return context.error("", "merge.shapes", {{"a", context.shape(0).text()}, {"b", context.shape(1).text()}});
    context.add_output(encoded_shape(context.shape(), output_mode.value, *num_tokens));
  }
  void call(CallContext& context) const override {
    const Value weights = context.input_count() == 2 ? cast(context.input(1), dtype.dtype) : Value();
    context.add_output(
        encode_categories(cast(context.input(), DType::i32), output_mode.value, *num_tokens, dtype.dtype, weights));
  }
};

}  // namespace

const ClassInfo& category_encoding() { return CategoryEncoding::declaration(); }

}  // namespace trainyard

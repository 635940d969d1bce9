// keras.layers.Hashing and HashedCrossing
#include <array>

#include "engine/core/fingerprint.h"
#include "engine/layers/hashing_salt.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/preprocessing_modes.h"
#include "engine/layers/text_reader.h"
#include "engine/ops/lookup_builder.h"

namespace trainyard {

/// What stands for "nothing here" in text or in whole numbers.
struct MaskValue {
  Json value = nullptr;
};

template <>
struct ArgTraits<MaskValue> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::json;
    spec.nullable = true;
  }
  static bool parse(const Json& value, MaskValue& result, const ArgSpec&, const ParseContext& context) {
    if (!value.is_null() && !value.is_string() && !value.is_number_integer())
      return context.expected("a text or a whole number", value), false;
    result.value = value;
    return true;
  }
  static Json print(const MaskValue& value) { return value.value; }
};

namespace {

/// A declaration with what these layers share: a dtype that may be a whole number's.
template <typename T>
Declaration<T> category_declaration(std::string_view class_name, std::string_view doc) {
  Declaration<T> declaration(class_name, "preprocessing", doc);
  declaration.arg("name", &T::name, "The layer's own name; left empty, one is made up.",
                  {.advanced = true, .null_is_default = true});
  declaration.arg("trainable", &T::trainable, "It has no weights: changes nothing.",
                  {.advanced = true, .hint = true, .null_is_default = true});
  declaration.arg("dtype", &T::own_dtype, "Kind of number that it puts out.", kAdvanced);
  declaration.arg("activity_regularizer", &T::activity_regularizer,
                  "Penalty on what the layer puts out, added to the loss.", {.advanced = true, .omit_null = true});
  declaration.settle([](T& layer) { settle_dtype(layer.own_dtype, layer.output_mode.value, layer.dtype); });
  declaration.rule([](const T& layer, const ParseContext& context) {
    check_dtype(layer.own_dtype, layer.output_mode.value, context);
    if (layer.activity_regularizer && layer.output_mode.is(CategoryMode::integer))
      context.child("activity_regularizer").error("category.penalty");
  });
  return declaration;
}

/// Categories of these inputs' shape, in the layer's mode.
void add_category_output(BuildContext& context, const Shape& shape, CategoryMode mode, int64_t depth) {
  const Shape encoded = encoded_shape(shape, mode, depth);
  if (mode == CategoryMode::integer)
    context.add_output({DType::i32, encoded});
  else
    context.add_output(encoded);
}

/// x: text or whole numbers [n, ..]  y: buckets [n, ..]
struct Hashing final : LayerOf<Hashing>, TextReader {
  int64_t num_bins = 1;
  MaskValue mask_value;
  std::optional<HashSalt> salt;
  ModeOf<CategoryMode::integer, CategoryMode::one_hot, CategoryMode::multi_hot, CategoryMode::count> output_mode;
  CategoryDType own_dtype;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        category_declaration<Hashing>(
            "Hashing", "Throws words or whole numbers into buckets by a hash, so that no list of them is needed.")
            .arg("num_bins", &Hashing::num_bins, "How many buckets, with that of mask_value.", kRequiredPositive)
            .arg("mask_value", &Hashing::mask_value, "What stands for nothing: it gets bucket 0 for itself.", kAdvanced)
            .arg("salt", &Hashing::salt, "One or two whole numbers that make the hash (SipHash) one of your own.",
                 kAdvanced)
            .arg("output_mode", &Hashing::output_mode, kModeDoc)
            .refuse("sparse", "false", kNoSparse, true)
            .summary({"num_bins", "output_mode"})
            .build();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    if (context.expect_min_rank(1)) add_category_output(context, context.shape(), output_mode.value, num_bins);
  }

  bool masks() const { return !mask_value.value.is_null() && num_bins > 1; }
  int64_t buckets() const { return masks() ? num_bins - 1 : num_bins; }

  void call(CallContext& context) const override {
    const Value x = cast(context.input(), DType::i64);  // Keras hashes what is left of fractions without them
    Value bins = hash_bucket(x, {.buckets = buckets(),
                                 .salted = salt.has_value(),
                                 .key0 = salt ? salt->key[0] : 0,
                                 .key1 = salt ? salt->key[1] : 0});
    if (masks()) bins = bins + 1.0;
    if (masks() && mask_value.value.is_number()) {
      const Value mask = x.graph().constant(Tensor::of<int64_t>({}, {mask_value.value.get<int64_t>()}));
      bins = select(equal(x, mask), 0.0, bins);
    }
    encode(context, bins);
  }
  TensorSpec reading_spec(const std::vector<TensorSpec>& inputs) const override {
    return {DType::i32, inputs.front().shape};
  }
  Tensor read(const std::vector<HostValue>& inputs) const override {
    const auto& text = std::get<TextTensor>(inputs.front());
    Tensor bins(DType::i32, text.shape);
    const auto out = bins.span<int32_t>();
    for (size_t i = 0; i < out.size(); ++i) {
      const bool masked = masks() && mask_value.value == text.values[i];
      const uint64_t bucket = hash_text(text.values[i], salt) % static_cast<uint64_t>(buckets());
      out[i] = masked ? 0 : static_cast<int32_t>(bucket) + (masks() ? 1 : 0);
    }
    return bins;
  }
  void call_reading(CallContext& context) const override { encode(context, context.input()); }
  void encode(CallContext& context, Value bins) const {
    context.add_output(encode_categories(bins, output_mode.value, num_bins, dtype.dtype));
  }
};

/// Two or more columns of text or whole numbers, [n] or [n, 1] each  y: the bucket of each sample's combination, [n] or [n, 1]
struct HashedCrossing final : LayerOf<HashedCrossing>, TextReader {
  int64_t num_bins = 1;
  ModeOf<CategoryMode::integer, CategoryMode::one_hot> output_mode;
  CategoryDType own_dtype{.name = {}, .bare = true};

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        category_declaration<HashedCrossing>("HashedCrossing",
                                             "Makes one category of two or more, by a hash of the combination.")
            .arg("num_bins", &HashedCrossing::num_bins, "How many buckets there are.", kRequiredPositive)
            .arg("output_mode", &HashedCrossing::output_mode, kModeDoc)
            .refuse("sparse", "false", kNoSparse, true)
            .summary({"num_bins", "output_mode"})
            .build();
    return kInfo;
  }
  InputArity arity() const override { return {2, 0}; }
  bool keeps_integers() const override { return true; }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    const Shape& first = context.shape();
    for (int i = 0; i < context.input_count(); ++i) {
      const Shape& shape = context.shape(i);
      if (shape.rank() < 1 || shape.rank() > 2 || (shape.rank() == 2 && shape[1] != 1))
        return context.error("", "crossing.shape", {{"shape", shape.text()}});
      if (shape.rank() != first.rank())
        return context.error("", "merge.shapes", {{"a", first.text()}, {"b", shape.text()}});
      if (!context.input(i).text && is_floating(context.input(i).dtype)) return context.error("", "crossing.fractions");
    }
    add_category_output(context, first, output_mode.value, num_bins);
  }
  void call(CallContext& context) const override { encode(context, hash_cross(context.inputs(), num_bins)); }
  TensorSpec reading_spec(const std::vector<TensorSpec>& inputs) const override {
    return {DType::i32, inputs.front().shape};
  }
  Tensor read(const std::vector<HostValue>& inputs) const override {
    Tensor bins(DType::i32, shape_of(inputs.front()));
    const auto out = bins.span<int32_t>();
    for (size_t i = 0; i < out.size(); ++i) {
      uint64_t hash = kCrossHashKey;
      for (const HostValue& input : inputs) {
        const auto* text = std::get_if<TextTensor>(&input);
        hash = combine_fingerprints(hash, text != nullptr ? farm_fingerprint64(text->values[i])
                                                          : static_cast<uint64_t>(whole(std::get<Tensor>(input), i)));
      }
      out[i] = static_cast<int32_t>(hash % static_cast<uint64_t>(num_bins));
    }
    return bins;
  }
  static int64_t whole(const Tensor& numbers, size_t i) {
    if (numbers.dtype() == DType::i64) return numbers.span<const int64_t>()[i];
    return static_cast<int64_t>(element_as_double(numbers.view(), static_cast<int64_t>(i)));
  }
  void call_reading(CallContext& context) const override { encode(context, context.input()); }
  void encode(CallContext& context, Value bins) const {
    context.add_output(encode_categories(bins, output_mode.value, num_bins, dtype.dtype));
  }
};

}  // namespace

const ClassInfo& hashing_layer() { return Hashing::declaration(); }
const ClassInfo& hashed_crossing() { return HashedCrossing::declaration(); }

}  // namespace trainyard

// keras.layers.TextVectorization
#include <algorithm>

#include "engine/layers/layer_families.h"
#include "engine/layers/lookup_table.h"
#include "engine/layers/text_encoding.h"
#include "engine/layers/text_tokens.h"

namespace trainyard {

/// None, the longest of the n-grams, or each width that is wanted.
struct Ngrams {
  std::vector<int64_t> widths;
  bool is_list = false;
};

template <>
struct ArgTraits<Ngrams> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::int_list;
    spec.nullable = true;
  }
  static bool parse(const Json& value, Ngrams& result, const ArgSpec& spec, const ParseContext& context) {
    result = {};
    if (value.is_null()) return true;
    result.is_list = value.is_array();
    if (result.is_list) return ArgTraits<std::vector<int64_t>>::parse(value, result.widths, spec, context);
    result.widths.resize(1);
    return parse_integer(value, result.widths[0], spec, context);
  }
  static Json print(const Ngrams& value) {
    if (value.widths.empty()) return nullptr;
    return value.is_list ? ArgTraits<std::vector<int64_t>>::print(value.widths) : Json(value.widths.front());
  }
};

namespace {

constexpr int64_t kMostTokens = int64_t{1} << 28;  // in one data set

/// x: text [n] or [n, 1]  y: indices of its tokens [n, length], or one vector a sample [n, places]
struct TextVectorization final : LayerOf<TextVectorization>, LookupRules<std::string>, TextReader, Adaptable {
  std::optional<Standardize> standardize = Standardize::lower_and_strip_punctuation;
  std::optional<Split> split = Split::whitespace;
  Ngrams ngrams;
  ModeOf<CategoryMode::integer, CategoryMode::multi_hot, CategoryMode::count, CategoryMode::tf_idf> output_mode;
  std::optional<int64_t> output_sequence_length;
  TextEncoding encoding;
  TextVectorization() {
    mask_token = SpecialTerm<std::string>{""};
    oov_token = SpecialTerm<std::string>{"[UNK]"};
  }

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<TextVectorization>("TextVectorization", "preprocessing",
                                             "Cuts text into words and gives each word its number.")
            .arg("max_tokens", &TextVectorization::max_tokens,
                 "At most so many words; the commonest of the training data are kept.", {.min = 2})
            .arg("standardize", &TextVectorization::standardize, "What is done to the text first.")
            .arg("split", &TextVectorization::split, "Where it is cut; None: nowhere.")
            .arg("ngrams", &TextVectorization::ngrams,
                 "Up to how many neighbours are taken together, or a list of widths.",
                 {.min = 1, .max = 1000, .advanced = true})
            .arg("output_mode", &TextVectorization::output_mode,
                 "The words' numbers in their order, or one vector for each text that marks, counts or weighs words.")
            .arg("output_sequence_length", &TextVectorization::output_sequence_length,
                 "Texts are cut or filled with 0 to this many words; None: to the longest of the data.",
                 {.min = 1, .max = 10'000'000, .visible_arg = "output_mode", .visible_value = "\"int\""})
            .arg("pad_to_max_tokens", &TextVectorization::pad_to_max_tokens,
                 "Vectors have max_tokens places even where there are fewer words.", kAdvanced)
            .refuse("sparse", "false", kNoSparse, true)
            .refuse("ragged", "false", "there are no ragged tensors here", true)
            .arg("vocabulary", &TextVectorization::vocabulary,
                 "The words in the order of their numbers; None: learned from the training data.", kAdvanced)
            .arg("idf_weights", &TextVectorization::idf_weights,
                 "For tf_idf: how much each word of the vocabulary counts.", kAdvanced)
            .arg("encoding", &TextVectorization::encoding, "How text is written in bytes.", kAdvanced)
            .arg("vocabulary_size", &TextVectorization::vocabulary_size,
                 "How many numbers there are; follows from the vocabulary.", {.min = 0, .advanced = true})
            .settle([](TextVectorization& layer) {
              layer.mode = layer.output_mode.value;
              if (layer.vocabulary) layer.vocabulary_size = layer.size();
            })
            .rule([](const TextVectorization& layer, const ParseContext& context) {
              layer.check(context);
              if (layer.activity_regularizer && layer.mode == CategoryMode::integer)
                context.child("activity_regularizer").error("category.penalty");
              if (layer.output_sequence_length && layer.mode != CategoryMode::integer)
                context.child("output_sequence_length").error("argument.needs", {{"needed", "output_mode int"}});
            })
            .summary({"max_tokens", "output_mode", "output_sequence_length"})
            .build();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  bool works_by_sample() const override { return true; }

  void build(BuildContext& context) const override {
    const Shape& shape = context.shape();
    if (!context.input().text) return context.error("", "text.expected");
    if (shape.rank() < 1 || shape.rank() > 2 || (split && shape.rank() == 2 && shape[1] != 1))
      return context.error("split", "text.columns", {{"shape", shape.text()}});
    if (mode == CategoryMode::integer) return context.add_output(reading_spec({context.input()}));
    add_lookup_output(context, {shape[0], kUnknown}, *this);
  }
  void call(CallContext&) const override { check_text(); }
  static void check_text() { trainyard::check(false, "TextVectorization reads text and nothing else"); }

  TensorSpec reading_spec(const std::vector<TensorSpec>& inputs) const override {
    const Shape& shape = inputs.front().shape;
    const bool whole = !split && ngrams.widths.empty();
    const int64_t strings = shape.rank() == 2 ? shape[1] : 1;
    return {DType::i32, {shape[0], output_sequence_length.value_or(whole ? strings : kUnknown)}};
  }

  TokenRules token_rules() const {
    TokenRules rules{standardize, split, ngrams.widths};
    if (!ngrams.is_list && !ngrams.widths.empty()) {
      rules.ngram_widths.clear();
      for (int64_t width = 1; width <= ngrams.widths.front(); ++width) rules.ngram_widths.push_back(width);
    }
    return rules;
  }

  std::vector<std::vector<std::string>> tokens(const TextTensor& text) const {
    const TokenRules rules = token_rules();
    const size_t width = text.row_size();
    std::vector<std::vector<std::string>> rows;
    for (size_t begin = 0; width > 0 && begin + width <= text.values.size(); begin += width)
      rows.push_back(tokens_of(text.values.data() + begin, width, rules));
    return rows;
  }

  Tensor read(const std::vector<HostValue>& inputs) const override {
    const std::vector<std::vector<std::string>> rows = tokens(std::get<TextTensor>(inputs.front()));
    size_t length = 1;
    for (const auto& row : rows) length = std::max(length, row.size());
    if (output_sequence_length) length = static_cast<size_t>(*output_sequence_length);
    const auto count = static_cast<int64_t>(rows.size());
    if (static_cast<int64_t>(length) > kMostTokens / std::max<int64_t>(1, count))
      throw UserError("text.too_long", name, {{"rows", std::to_string(count)}, {"length", std::to_string(length)}});
    const WordTable table(*this, std::nullopt);
    Tensor indices(DType::i32, {count, static_cast<int64_t>(length)});
    const auto out = indices.span<int32_t>();
    // Where a text has ended: the mask's index, or what counts for nothing.
    std::fill(out.begin(), out.end(), mode == CategoryMode::integer ? 0 : -1);
    for (size_t r = 0; r < rows.size(); ++r)
      for (size_t i = 0; i < std::min(length, rows[r].size()); ++i) out[r * length + i] = table.find(rows[r][i], name);
    return indices;
  }
  void call_reading(CallContext& context) const override {
    context.add_output(encode_lookup(context.input(), *this, dtype.dtype));
  }

  bool needs_adapt(const std::vector<Tensor>&) const override { return !vocabulary; }
  Adaptation adapt(const HostValue& data) const override {
    const Json learned = learn(tokens(std::get<TextTensor>(data)));
    return {learned.is_null() ? Json::object() : learned, {}};
  }
};

}  // namespace

const ClassInfo& text_vectorization() { return TextVectorization::declaration(); }

LayerClasses structured_data_layers() {
  return {&normalization_layer(), &discretization_layer(), &category_encoding(), &hashing_layer(),
          &hashed_crossing(),     &integer_lookup(),       &string_lookup(),     &text_vectorization()};
}

}  // namespace trainyard

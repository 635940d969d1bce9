// keras.layers.IntegerLookup and StringLookup
#include <algorithm>
#include <numeric>

#include "engine/layers/layer_families.h"
#include "engine/layers/lookup_table.h"
#include "engine/layers/text_encoding.h"
#include "engine/ops/lookup_builder.h"

namespace trainyard {

enum class OovMethod : uint8_t { floormod, farmhash };
constexpr auto choice_names(OovMethod) { return std::array<std::string_view, 2>{"floormod", "farmhash"}; }
enum class TermDType : uint8_t { int64 };
constexpr auto choice_names(TermDType) { return std::array<std::string_view, 1>{"int64"}; }

namespace {

using AllModes = ModeOf<CategoryMode::integer, CategoryMode::one_hot, CategoryMode::multi_hot, CategoryMode::count,
                        CategoryMode::tf_idf>;

/// Arguments of both, in Keras's order of printing.
template <typename T>
Declaration<T> lookup_declaration(std::string_view class_name, std::string_view doc) {
  auto declaration = layer_declaration<T>(class_name, "preprocessing", doc);
  declaration.arg("invert", &T::invert, "From indices back to terms.")
      .arg("max_tokens", &T::max_tokens, "At most so many indices; the commonest terms of the data get them.",
           {.min = 2})
      .arg("num_oov_indices", &T::num_oov_indices,
           "Indices for terms that are not in the vocabulary; 0: there may be none.", {.min = 0, .max = 1'000'000})
      .arg("oov_token", &T::oov_token, "What an unknown term is called by invert.", kAdvanced)
      .arg("mask_token", &T::mask_token, "The term that stands for nothing: index 0, or no place at all.")
      .arg("output_mode", &T::output_mode, kModeDoc)
      .refuse("sparse", "false", kNoSparse, true)
      .arg("pad_to_max_tokens", &T::pad_to_max_tokens,
           "Vectors have max_tokens places even where there are fewer terms.", kAdvanced)
      .arg("idf_weights", &T::idf_weights, "For tf_idf: how much each term of the vocabulary counts.", kAdvanced)
      .arg("vocabulary", &T::vocabulary,
           "The terms in the order of their indices; None: learned from the training data.")
      .arg("vocabulary_size", &T::vocabulary_size, "How many indices there are; follows from the vocabulary.",
           {.min = 0, .advanced = true})
      .arg("salt", &T::salt, "Makes the hash that spreads unknown terms (SipHash) one of your own.", kAdvanced)
      .settle([](T& layer) {
        layer.mode = layer.output_mode.value;
        if (layer.vocabulary) layer.vocabulary_size = layer.size();
      })
      .rule([](const T& layer, const ParseContext& context) {
        layer.check(context);
        if (layer.activity_regularizer && layer.mode == CategoryMode::integer)
          context.child("activity_regularizer").error("category.penalty");
      })
      .summary({"max_tokens", "output_mode"});
  return declaration;
}

/// x: whole numbers [n, ..]  y: their indices [n, ..], or vectors of them
struct IntegerLookup final : LayerOf<IntegerLookup>, LookupRules<int64_t>, Adaptable {
  AllModes output_mode;
  TermDType vocabulary_dtype = TermDType::int64;
  OovMethod oov_method = OovMethod::floormod;
  std::optional<HashSalt> salt;
  IntegerLookup() { oov_token = SpecialTerm<int64_t>{-1}; }

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        lookup_declaration<IntegerLookup>("IntegerLookup", "Numbers the whole numbers that occur in the data.")
            .arg("vocabulary_dtype", &IntegerLookup::vocabulary_dtype, "Width of the terms; there is one.", kAdvanced)
            .arg("oov_method", &IntegerLookup::oov_method, "How unknown numbers spread over several indices.",
                 kAdvanced)
            .rule([](const IntegerLookup& layer, const ParseContext& context) {
              if (layer.salt && layer.oov_method != OovMethod::farmhash)
                context.child("salt").error("argument.needs", {{"needed", "oov_method farmhash"}});
            })
            .build();
    return kInfo;
  }
  bool has_build_config() const override { return false; }
  bool keeps_integers() const override { return true; }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    if (invert) return context.add_output({DType::i64, context.shape()});
    if (context.expect_min_rank(1)) add_lookup_output(context, context.shape(), *this);
  }
  void call(CallContext& context) const override {
    const Value x = cast(context.input(), DType::i64);
    context.add_output(invert ? terms_of(x) : encode_lookup(indices_of(x), *this, dtype.dtype));
  }

  Value whole(Graph& graph, int64_t value) const { return graph.constant(Tensor::of<int64_t>({}, {value})); }

  /// Binary search among the sorted terms.
  Value indices_of(Value x) const {
    Graph& graph = x.graph();
    const std::vector<int64_t> none;
    const std::vector<int64_t>& terms = vocabulary ? vocabulary->terms : none;
    std::vector<size_t> order(terms.size() - special_terms());
    std::iota(order.begin(), order.end(), special_terms());
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return terms[a] < terms[b]; });
    std::vector<int64_t> keys;
    std::vector<int32_t> places;
    for (const size_t i : order) {
      keys.push_back(terms[i]);
      places.push_back(static_cast<int32_t>(index_of(i)));
    }
    Value result = unknown_indices(x);
    if (!keys.empty()) {
      const auto count = static_cast<int64_t>(keys.size());
      const Value table = graph.constant(Tensor::of<int64_t>({count}, keys));
      const Value at = maximum(search_sorted(x, table) - 1.0, 0.0);
      const Value found = gather(graph.constant(Tensor::of<int32_t>({count}, places)), at);
      result = select(equal(gather(table, at), x), found, result);
    }
    if (!mask_token) return result;
    return select(equal(x, whole(graph, mask_token->term)), mode == CategoryMode::integer ? 0.0 : -1.0, result);
  }

  Value unknown_indices(Value x) const {
    if (num_oov_indices > 1 && oov_method == OovMethod::farmhash)
      return hash_bucket(x, {.buckets = num_oov_indices,
                             .salted = salt.has_value(),
                             .key0 = salt ? salt->key[0] : 0,
                             .key1 = salt ? salt->key[1] : 0}) +
             static_cast<double>(oov_start());
    if (num_oov_indices > 1)
      return cast(binary(op::BinaryKind::mod, x, whole(x.graph(), num_oov_indices)), DType::i32) +
             static_cast<double>(oov_start());
    // Without a place for unknown numbers they count for nothing.
    return fill(x.graph(), DType::i32, x.shape(), num_oov_indices == 0 ? -1.0 : static_cast<double>(oov_start()));
  }

  Value terms_of(Value x) const {
    const int64_t unknown = oov_token ? oov_token->term : -1;
    std::vector<int64_t> table(static_cast<size_t>(token_start()), unknown);
    if (mask_token) table[0] = mask_token->term;
    if (vocabulary)
      table.insert(table.end(), vocabulary->terms.begin() + static_cast<std::ptrdiff_t>(special_terms()),
                   vocabulary->terms.end());
    const auto last = static_cast<int64_t>(table.size());
    table.push_back(unknown);  // for indices that there are not
    Graph& graph = x.graph();
    const Value within = minimum(x, whole(graph, last));
    const Value at = select(less(within, 0.0), whole(graph, last), within);
    return gather(graph.constant(Tensor::of<int64_t>({last + 1}, table)), cast(at, DType::i32));
  }

  bool needs_adapt(const std::vector<Tensor>&) const override { return !vocabulary; }
  Adaptation adapt(const HostValue& data) const override {
    const Tensor numbers = std::get<Tensor>(data).cast(DType::i64);
    const auto span = numbers.span<const int64_t>();
    const auto rows = static_cast<size_t>(std::max<int64_t>(1, numbers.shape().front()));
    const size_t width = span.size() / rows;
    std::vector<std::vector<int64_t>> documents;
    for (size_t r = 0; r < rows; ++r)
      documents.emplace_back(span.begin() + static_cast<std::ptrdiff_t>(r * width),
                             span.begin() + static_cast<std::ptrdiff_t>((r + 1) * width));
    const Json learned = learn(documents);
    return {learned.is_null() ? Json::object() : learned, {}};
  }
};

/// x: text [n, ..]  y: indices [n, ..], or vectors of them; with invert the other way round
struct StringLookup final : LayerOf<StringLookup>, LookupRules<std::string>, TextReader, TextWriter, Adaptable {
  AllModes output_mode;
  TextEncoding encoding;
  std::optional<HashSalt> salt;
  StringLookup() { oov_token = SpecialTerm<std::string>{"[UNK]"}; }

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        lookup_declaration<StringLookup>("StringLookup", "Numbers the words that occur in a column of the data.")
            .refuse("oov_method", "\"floormod\"", "unknown words are always spread by a hash", true)
            .arg("encoding", &StringLookup::encoding, "How text is written in bytes.", kAdvanced)
            .build();
    return kInfo;
  }
  bool has_build_config() const override { return false; }
  bool keeps_integers() const override { return true; }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    if (invert == context.input().text) return context.error("invert", invert ? "text.inverted" : "text.expected");
    if (invert) return context.add_output({DType::i32, context.shape(), true});
    if (context.expect_min_rank(1)) add_lookup_output(context, context.shape(), *this);
  }
  /// Only with invert: the indices go on to `write`.
  void call(CallContext& context) const override { context.add_output(cast(context.input(), DType::i32)); }

  TensorSpec reading_spec(const std::vector<TensorSpec>& inputs) const override {
    return {DType::i32, inputs.front().shape};
  }
  Tensor read(const std::vector<HostValue>& inputs) const override {
    const auto& text = std::get<TextTensor>(inputs.front());
    const WordTable table(*this, salt);
    Tensor indices(DType::i32, text.shape);
    const auto out = indices.span<int32_t>();
    for (size_t i = 0; i < out.size(); ++i) out[i] = table.find(text.values[i], name);
    return indices;
  }
  void call_reading(CallContext& context) const override {
    context.add_output(encode_lookup(context.input(), *this, dtype.dtype));
  }
  TextTensor write(const Tensor& numbers) const override {
    TextTensor text{numbers.shape(), {}};
    for (int64_t i = 0; i < numbers.elements(); ++i) {
      const auto index = static_cast<int64_t>(element_as_double(numbers.view(), i));
      const int64_t term = index - token_start() + static_cast<int64_t>(special_terms());
      const bool known = vocabulary && index >= token_start() && term < static_cast<int64_t>(vocabulary->terms.size());
      if (mask_token && index == 0)
        text.values.push_back(mask_token->term);
      else
        text.values.push_back(known ? vocabulary->terms[static_cast<size_t>(term)] : oov_token ? oov_token->term : "");
    }
    return text;
  }

  bool needs_adapt(const std::vector<Tensor>&) const override { return !vocabulary && !invert; }
  Adaptation adapt(const HostValue& data) const override {
    const auto& text = std::get<TextTensor>(data);
    const size_t width = text.row_size();
    std::vector<std::vector<std::string>> documents;
    for (size_t begin = 0; begin + width <= text.values.size() && width > 0; begin += width)
      documents.emplace_back(text.values.begin() + static_cast<std::ptrdiff_t>(begin),
                             text.values.begin() + static_cast<std::ptrdiff_t>(begin + width));
    const Json learned = learn(documents);
    return {learned.is_null() ? Json::object() : learned, {}};
  }
};

}  // namespace

const ClassInfo& integer_lookup() { return IntegerLookup::declaration(); }
const ClassInfo& string_lookup() { return StringLookup::declaration(); }

}  // namespace trainyard

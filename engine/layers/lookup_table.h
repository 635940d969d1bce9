// What IntegerLookup, StringLookup and TextVectorization share: a vocabulary, and the index of each of its terms.
// Indices: the mask token has 0 where the mode is "int" and there is one; then come the places of unknown terms, then the
// vocabulary (Keras's IndexLookup).
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/layers/hashing_salt.h"
#include "engine/layers/preprocessing_modes.h"
#include "engine/layers/text_reader.h"

namespace trainyard {

/// More terms are refused.
inline constexpr size_t kMostTerms = 5'000'000;

/// Terms of one kind, words or whole numbers, as an argument. A path to a file of terms is refused: a model cannot read files.
template <typename Term>
struct Vocabulary {
  std::vector<Term> terms;
};

template <typename Term>
struct ArgTraits<Vocabulary<Term>> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::json; }
  static bool parse(const Json& value, Vocabulary<Term>& result, const ArgSpec& spec, const ParseContext& context) {
    constexpr bool kWords = std::is_same_v<Term, std::string>;
    if (value.is_string()) return context.error("lookup.vocabulary_file"), false;
    if (!value.is_array() || value.empty() || value.size() > kMostTerms)
      return context.expected(kWords ? "a list of words" : "a list of whole numbers", value), false;
    result.terms.resize(value.size());
    for (size_t i = 0; i < value.size(); ++i) {
      if (kWords ? !value[i].is_string() : !value[i].is_number_integer())
        return context.item(i).expected(kWords ? "a word" : "a whole number", value[i]), false;
      result.terms[i] = value[i].get<Term>();
    }
    (void)spec;
    return true;
  }
  static Json print(const Vocabulary<Term>& value) { return value.terms; }
};

/// One number for each term of a vocabulary.
struct TermWeights {
  std::vector<double> values;
};

template <>
struct ArgTraits<TermWeights> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::json; }
  static bool parse(const Json& value, TermWeights& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const TermWeights& value) { return value.values; }
};

/// A single term as an argument (mask_token, oov_token).
template <typename Term>
struct SpecialTerm {
  Term term{};
};

template <typename Term>
struct ArgTraits<SpecialTerm<Term>> {
  static void describe(ArgSpec& spec) {
    spec.kind = std::is_same_v<Term, std::string> ? ArgKind::text : ArgKind::integer;
  }
  static bool parse(const Json& value, SpecialTerm<Term>& result, const ArgSpec& spec, const ParseContext& context) {
    if constexpr (std::is_same_v<Term, std::string>)
      return ArgTraits<std::string>::parse(value, result.term, spec, context);
    if (!value.is_number_integer()) return context.expected("a whole number", value), false;
    result.term = value.get<Term>();
    return true;
  }
  static Json print(const SpecialTerm<Term>& value) { return value.term; }
};

/// The arguments that decide where terms stand.
template <typename Term>
struct LookupRules {
  std::optional<int64_t> max_tokens;
  int64_t num_oov_indices = 1;
  std::optional<SpecialTerm<Term>> mask_token;
  std::optional<SpecialTerm<Term>> oov_token;
  std::optional<Vocabulary<Term>> vocabulary;
  std::optional<TermWeights> idf_weights;
  /// How many indices there are, where a file says it without the vocabulary.
  std::optional<int64_t> vocabulary_size;
  bool invert = false;
  bool pad_to_max_tokens = false;
  CategoryMode mode = CategoryMode::integer;

  int64_t oov_start() const { return mask_token && mode == CategoryMode::integer ? 1 : 0; }
  int64_t token_start() const { return oov_start() + num_oov_indices; }
  /// How many terms at the vocabulary's front are the special ones, spelled out: all of them or 0.
  size_t special_terms() const;
  /// Index of vocabulary.terms[i], i at least special_terms().
  int64_t index_of(size_t i) const { return token_start() + static_cast<int64_t>(i - special_terms()); }
  /// Indices in all; kUnknown while there is no vocabulary.
  int64_t size() const;
  /// Places of an encoded output; kUnknown while there is no vocabulary.
  int64_t depth() const { return pad_to_max_tokens && max_tokens ? *max_tokens : size(); }
  /// A weight for each place of the output, Keras's padding included. Needs idf_weights and a vocabulary.
  std::vector<double> place_weights() const;

  void check(const ParseContext& context) const;
  /// The vocabulary that Keras's adapt makes of rows (documents) of terms: the commonest first, of equals the greatest.
  Json learn(const std::vector<std::vector<Term>>& rows) const;
};

extern template struct LookupRules<std::string>;
extern template struct LookupRules<int64_t>;

/// From indices (i32; below 0: nothing) to the layer's output: as they are, or vectors, weighed for tf_idf.
template <typename Term>
Value encode_lookup(Value indices, const LookupRules<Term>& rules, DType dtype);

/// Says the output of a lookup of `shape`, or complains that its size is not known before there is a vocabulary.
template <typename Term>
void add_lookup_output(BuildContext& context, const Shape& shape, const LookupRules<Term>& rules);

/// A vocabulary of words ready to be asked.
class WordTable {
 public:
  WordTable(const LookupRules<std::string>& rules, std::optional<HashSalt> salt);
  /// The index of a word, or of the place for unknown ones; -1 where it counts for nothing. Throws UserError
  /// lookup.unknown at `layer` where there is no place for unknown words.
  int32_t find(const std::string& word, const std::string& layer) const;

 private:
  const LookupRules<std::string>& rules_;
  std::optional<HashSalt> salt_;
  std::unordered_map<std::string, int32_t> indices_;
};

}  // namespace trainyard

#include "engine/layers/lookup_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/ops/lookup_builder.h"

namespace trainyard {

bool ArgTraits<TermWeights>::parse(const Json& value, TermWeights& result, const ArgSpec& spec,
                                   const ParseContext& context) {
  if (!value.is_array() || value.size() > kMostTerms) return context.expected("a list of numbers", value), false;
  result.values.resize(value.size());
  bool good = true;
  for (size_t i = 0; i < value.size(); ++i) good &= parse_number(value[i], result.values[i], spec, context.item(i));
  return good;
}

template <typename Term>
size_t LookupRules<Term>::special_terms() const {
  const auto front = static_cast<size_t>(token_start());
  if (!vocabulary || front == 0 || vocabulary->terms.size() < front) return 0;
  for (size_t i = 0; i < front; ++i) {
    const std::optional<SpecialTerm<Term>>& special = static_cast<int64_t>(i) < oov_start() ? mask_token : oov_token;
    if (!special || !(vocabulary->terms[i] == special->term)) return 0;
  }
  return front;
}

template <typename Term>
int64_t LookupRules<Term>::size() const {
  if (vocabulary) return token_start() + static_cast<int64_t>(vocabulary->terms.size() - special_terms());
  return vocabulary_size.value_or(kUnknown);
}

template <typename Term>
std::vector<double> LookupRules<Term>::place_weights() const {
  std::vector<double> weights = idf_weights->values;
  if (special_terms() == 0) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    weights.insert(weights.begin(), static_cast<size_t>(token_start()), sum / static_cast<double>(weights.size()));
  }
  weights.resize(static_cast<size_t>(depth()), 0.0);
  return weights;
}

template <typename Term>
void LookupRules<Term>::check(const ParseContext& context) const {
  if (pad_to_max_tokens && !max_tokens)
    context.child("pad_to_max_tokens").error("argument.needs", {{"needed", "max_tokens"}});
  if (invert && mode != CategoryMode::integer)
    context.child("output_mode")
        .error("argument.choice", {{"choices", "int (with invert)"}, {"value", std::string(name_of(mode))}});
  if (idf_weights && mode != CategoryMode::tf_idf)
    context.child("idf_weights").error("argument.needs", {{"needed", "output_mode tf_idf"}});
  if (!vocabulary) return;
  if (mode == CategoryMode::tf_idf && !idf_weights)
    context.child("vocabulary").error("argument.needs", {{"needed", "idf_weights, where output_mode is tf_idf"}});
  if (idf_weights && idf_weights->values.size() != vocabulary->terms.size())
    context.child("idf_weights")
        .error("lookup.weights", {{"weights", std::to_string(idf_weights->values.size())},
                                  {"terms", std::to_string(vocabulary->terms.size())}});
  if (max_tokens && size() > *max_tokens)
    context.child("vocabulary")
        .error("lookup.too_many", {{"size", std::to_string(size())}, {"limit", std::to_string(*max_tokens)}});
  std::set<Term> seen;
  for (size_t i = special_terms(); i < vocabulary->terms.size(); ++i) {
    const Term& term = vocabulary->terms[i];
    const bool special = (mask_token && term == mask_token->term) || (invert && oov_token && term == oov_token->term);
    if (seen.insert(term).second && !special) continue;
    context.child("vocabulary")
        .item(i)
        .error(special ? "lookup.special" : "lookup.repeated",
               {{"term", Json(term).dump(-1, ' ', false, Json::error_handler_t::replace)}});
    return;
  }
}

template <typename Term>
Json LookupRules<Term>::learn(const std::vector<std::vector<Term>>& rows) const {
  struct Count {
    int64_t times = 0;
    int64_t documents = 0;
  };
  std::map<Term, Count> counts;
  for (const std::vector<Term>& row : rows) {
    const std::set<Term> different(row.begin(), row.end());
    for (const Term& term : row) ++counts[term].times;
    for (const Term& term : different) ++counts[term].documents;
  }
  if (mask_token) counts.erase(mask_token->term);
  if (oov_token) counts.erase(oov_token->term);
  std::vector<std::pair<Term, Count>> ordered(counts.begin(), counts.end());
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.second.times != b.second.times ? a.second.times > b.second.times : b.first < a.first;
  });
  const auto limit = max_tokens ? static_cast<size_t>(std::max<int64_t>(0, *max_tokens - token_start())) : kMostTerms;
  if (ordered.size() > limit) ordered.resize(limit);
  Json terms = Json::array();
  Json weights = Json::array();
  for (const auto& [term, count] : ordered) {
    terms.push_back(term);
    weights.push_back(
        static_cast<float>(std::log(1 + static_cast<double>(rows.size()) / static_cast<double>(1 + count.documents))));
  }
  if (terms.empty()) return nullptr;
  if (mode == CategoryMode::tf_idf) return {{"vocabulary", terms}, {"idf_weights", weights}};
  return {{"vocabulary", terms}};
}

template struct LookupRules<std::string>;
template struct LookupRules<int64_t>;

template <typename Term>
Value encode_lookup(Value indices, const LookupRules<Term>& rules, DType dtype) {
  if (rules.mode == CategoryMode::integer) return indices;
  const CategoryMode mode = rules.mode == CategoryMode::tf_idf ? CategoryMode::count : rules.mode;
  const Value encoded = encode_categories(indices, mode, rules.depth(), dtype);
  if (rules.mode != CategoryMode::tf_idf) return encoded;
  return encoded * indices.graph().constant(Tensor::of<double>({rules.depth()}, rules.place_weights()).cast(dtype));
}

template <typename Term>
void add_lookup_output(BuildContext& context, const Shape& shape, const LookupRules<Term>& rules) {
  if (rules.mode == CategoryMode::integer) return context.add_output({DType::i32, shape});
  if (rules.depth() == kUnknown) return context.error("vocabulary", "lookup.no_vocabulary");
  context.add_output(encoded_shape(shape, rules.mode, rules.depth()));
}

template Value encode_lookup(Value, const LookupRules<std::string>&, DType);
template Value encode_lookup(Value, const LookupRules<int64_t>&, DType);
template void add_lookup_output(BuildContext&, const Shape&, const LookupRules<std::string>&);
template void add_lookup_output(BuildContext&, const Shape&, const LookupRules<int64_t>&);

WordTable::WordTable(const LookupRules<std::string>& rules, std::optional<HashSalt> salt) : rules_(rules), salt_(salt) {
  if (!rules.vocabulary) return;
  const std::vector<std::string>& terms = rules.vocabulary->terms;
  indices_.reserve(terms.size());
  for (size_t i = rules.special_terms(); i < terms.size(); ++i)
    indices_.emplace(terms[i], static_cast<int32_t>(rules.index_of(i)));
}

int32_t WordTable::find(const std::string& word, const std::string& layer) const {
  if (rules_.mask_token && word == rules_.mask_token->term) return rules_.mode == CategoryMode::integer ? 0 : -1;
  const auto found = indices_.find(word);
  if (found != indices_.end()) return found->second;
  const auto places = static_cast<uint64_t>(rules_.num_oov_indices);
  if (places == 0) throw UserError("lookup.unknown", layer, {{"term", word.substr(0, 80)}});
  const uint64_t place = places == 1 ? 0 : hash_text(word, salt_) % places;
  return static_cast<int32_t>(rules_.oov_start() + static_cast<int64_t>(place));
}

}  // namespace trainyard

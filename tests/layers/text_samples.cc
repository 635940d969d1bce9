// Samples of the layers for structured data and text. Layers that take text alone have no inputs here, since trials feed
// numbers; text_test.cc runs them. Evidence: golden cases (Normalization, Discretization, CategoryEncoding), published hash
// vectors and the examples of Keras's documentation (the others).
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

void add_category_samples(std::vector<LayerSample>& samples) {
  samples.push_back({"CategoryEncoding", {{"num_tokens", 5}}, {{{3, 4}}, {{2, 3, 2}}}, 5});
  samples.push_back({"CategoryEncoding", {{"num_tokens", 4}, {"output_mode", "one_hot"}}, {{{3, 1}}, {{3, 2}}}, 5});
  samples.push_back({"CategoryEncoding", {{"num_tokens", 6}, {"output_mode", "count"}}, {{{3, 4}}}, 6});
  samples.push_back({"Hashing", {{"num_bins", 7}, {"dtype", "int64"}}, {{{3, 4}}}, 50});
  samples.push_back({"Hashing",
                     {{"num_bins", 7}, {"mask_value", 3}, {"salt", {133, 137}}, {"output_mode", "count"}},
                     {{{3, 4}}},
                     50});
  samples.push_back({"Hashing",
                     {{"num_bins", 3}, {"salt", 9}, {"output_mode", "one_hot"}, {"activity_regularizer", "l2"}},
                     {{{3, 1}}},
                     50});
  samples.push_back(
      {"HashedCrossing", {{"num_bins", 5}, {"dtype", "int32"}}, {{{3, 1}, {3, 1}}, {{4, 1}, {4, 1}, {4, 1}}}, 9});
  samples.push_back({"HashedCrossing",
                     {{"num_bins", 5}, {"output_mode", "one_hot"}, {"activity_regularizer", "l1"}},
                     {{{3, 1}, {3, 1}}},
                     9});
}

void add_number_samples(std::vector<LayerSample>& samples) {
  samples.push_back({"Normalization", Json::object(), {{{3, 5}}, {{2, 3, 4}}}});
  samples.push_back({"Normalization", {{"axis", {1, -1}}, {"invert", true}}, {{{2, 3, 4}}}});
  samples.push_back({"Normalization", {{"axis", nullptr}}, {{{2, 3}}}});
  samples.push_back({"Normalization", {{"mean", 0.5}, {"variance", 4.0}}, {{{3, 5}}}});
  samples.push_back(
      {"Normalization", {{"axis", {1, 2}}, {"mean", {{0.5, 1.0}}}, {"variance", {{4.0, 0.25}}}}, {{{2, 3, 2}}}});
  samples.push_back({"Discretization", {{"bin_boundaries", {-0.5, 0.0, 0.75}}}, {{{3, 5}}}});
  samples.push_back(
      {"Discretization", {{"bin_boundaries", {-0.5, 0.5}}, {"output_mode", "one_hot"}}, {{{3, 1}}, {{3, 2}}}});
  samples.push_back(
      {"Discretization", {{"num_bins", 3}, {"epsilon", 0.1}, {"output_mode", "multi_hot"}}, {{{3, 4}}, {{2, 3, 4}}}});
}

void add_lookup_samples(std::vector<LayerSample>& samples) {
  const Json terms = {12, 3, 7, 41};
  samples.push_back({"IntegerLookup", {{"vocabulary", terms}}, {{{3, 4}}, {{2, 3, 2}}}, 50});
  samples.push_back({"IntegerLookup",
                     {{"vocabulary", {-7, 12, 3}}, {"invert", true}, {"oov_token", -7}, {"vocabulary_dtype", "int64"}},
                     {{{3, 4}}},
                     6});
  samples.push_back({"IntegerLookup",
                     {{"vocabulary", terms},
                      {"idf_weights", {0.25, 0.75, 0.6, 0.4}},
                      {"output_mode", "tf_idf"},
                      {"max_tokens", 9},
                      {"pad_to_max_tokens", true},
                      {"activity_regularizer", "l2"}},
                     {{{3, 4}}},
                     50});
  samples.push_back(
      {"IntegerLookup",
       {{"vocabulary", terms}, {"num_oov_indices", 3}, {"mask_token", 0}, {"oov_method", "farmhash"}, {"salt", {1, 2}}},
       {{{3, 4}}},
       9});
  samples.push_back(
      {"IntegerLookup", {{"vocabulary_size", 5}, {"output_mode", "multi_hot"}, {"num_oov_indices", 2}}, {{{3, 4}}}, 9});
  samples.push_back({"StringLookup", {{"vocabulary", {"a", "b"}}}, {}});
  samples.push_back(
      {"StringLookup", {{"vocabulary", {"[?]", "a", "b"}}, {"invert", true}, {"oov_token", "[?]"}}, {{{3, 4}}}, 5});
  samples.push_back({"StringLookup",
                     {{"vocabulary", {"a", "b"}},
                      {"idf_weights", {0.5, 1.5}},
                      {"output_mode", "tf_idf"},
                      {"max_tokens", 9},
                      {"pad_to_max_tokens", true},
                      {"vocabulary_size", 3},
                      {"encoding", "ascii"},
                      {"mask_token", ""},
                      {"num_oov_indices", 2},
                      {"salt", 7}},
                     {}});
  samples.push_back({"TextVectorization", Json::object(), {}});
  samples.push_back({"TextVectorization",
                     {{"standardize", "lower"},
                      {"split", "character"},
                      {"ngrams", {1, 3}},
                      {"output_sequence_length", 6},
                      {"vocabulary", {"a", "b"}},
                      {"vocabulary_size", 4},
                      {"encoding", "UTF-8"}},
                     {}});
  samples.push_back({"TextVectorization",
                     {{"standardize", nullptr},
                      {"split", nullptr},
                      {"ngrams", 2},
                      {"output_mode", "tf_idf"},
                      {"max_tokens", 9},
                      {"pad_to_max_tokens", true},
                      {"vocabulary", {"a", "b"}},
                      {"idf_weights", {0.5, 1.5}}},
                     {}});
}

}  // namespace

std::vector<LayerSample> text_samples() {
  std::vector<LayerSample> samples;
  add_category_samples(samples);
  add_number_samples(samples);
  add_lookup_samples(samples);
  samples.push_back({"InputLayer", {{"shape", {1}}, {"dtype", "string"}}, {}});
  return samples;
}

}  // namespace trainyard::testing

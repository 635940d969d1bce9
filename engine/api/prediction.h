// What a trained model is asked, from files, and its answers in the words of its labels.
#pragma once

#include <string>
#include <vector>

#include "engine/api/model_inputs.h"
#include "engine/core/tensor.h"
#include "engine/train/saved_model.h"

namespace trainyard {

/// Samples to be read, and what to call each: "photo.png", "rows.csv:2", "digits.idx[17]".
struct Questions {
  std::vector<std::string> names;
  Tensor x;           // [n, ...]: u8 pictures, or f32 rows already standardised
  Diagnostics notes;  // words that no row of the training held (predict.unknown_word), the first ten
};

/// Reads a picture (PNG, JPEG), an IDX file of pictures or rows, or a CSV with a header and the model's features (further
/// columns, such as the target, are read over). `input`: the model's input shape without the batch. Pictures for a model
/// that learnt handwriting (mnist, digits) are prepared as MNIST was, whatever their size and whether they are dark on
/// light or light on dark. Throws UserError predict.* and what the readers throw.
Questions read_questions(const std::string& path, const Shape& input, const Preprocessing& preprocessing);

/// The same of a CSV for a model that reads text: its columns of words, and its features where the model has inputs of
/// `numbers` too. model_inputs (model_inputs.h) takes the table.
struct TextQuestions {
  std::vector<std::string> names;
  InputTable table;
  Diagnostics notes;
};
TextQuestions read_text_questions(const std::string& path, const Preprocessing& preprocessing, bool numbers);

/// Whether the samples are handwritten digits, so that ink has to be sized and centred as MNIST's.
bool is_handwriting(const Preprocessing& preprocessing, const Shape& input);

/// A grey picture u8 [h, w, 1] of ink on paper, as MNIST's pictures: u8 [28, 28, 1]. A light-on-dark picture of 28x28 is
/// taken to be one already.
Tensor ink_of_picture(const Tensor& grey);

struct Candidate {
  int64_t index = 0;
  std::string label;
  double probability = 0;
};

/// What the model reads in one sample: classes from the likeliest down, or numbers (regression).
struct Reading {
  std::vector<Candidate> classes;
  std::vector<double> values;
};

/// Reads the model's first output [n, ...]. Rows that are no probabilities are taken as logits. One number per sample of a
/// two-class model is the probability of the second class.
std::vector<Reading> read_outputs(const Tensor& output, const Preprocessing& preprocessing);

}  // namespace trainyard

// A data set in memory: what training, evaluation and the page work on, wherever it came from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/diagnostic.h"
#include "engine/core/json.h"
#include "engine/core/tensor.h"
#include "engine/core/text_tensor.h"

namespace trainyard {

enum class Task : uint8_t { classification, regression };

/// How the columns of a table were brought to mean 0 and deviation 1: stored = (value - mean) / deviation.
struct Standardization {
  std::vector<double> mean;
  std::vector<double> deviation;  // population's, of the training rows; 1 for a column that never changes
  bool empty() const { return mean.empty(); }
};

/// Images are u8 [n, height, width, channels] and tables f32 [n, columns]. Targets are i32 [n] class indices
/// (classification) or f32 [n, 1] (regression). Copies share the tensors' memory.
struct Dataset {
  std::string name;
  /// Where it came from, for people: a folder, a file, "drawn by the engine, seed 0".
  std::string source;
  Task task = Task::classification;
  Tensor x_train;
  Tensor y_train;
  /// May hold zero rows, never an unallocated tensor.
  Tensor x_test;
  Tensor y_test;
  /// The network sees the stored values times this: 1/255 for u8 images.
  double scale = 1;
  /// Already applied to x_train and x_test; a value to predict from needs the same. Empty for images.
  Standardization standardization;
  /// Class names by index; empty for regression.
  std::vector<std::string> labels;
  /// What the columns of x are called; empty for images.
  std::vector<std::string> features;
  /// A table's columns of words as they stand in it, [rows, columns], for models that read text; in x each word of a column
  /// is a feature "column=word", unless there are too many different ones.
  TextTensor text_train;
  TextTensor text_test;
  std::vector<std::string> text_columns;
  /// What the target is called; empty where it has no name.
  std::string target;
  /// The training samples stand in an order drawn when they were loaded: those of a table or of folders may be sorted by class, and
  /// what validates is the last part.
  bool mixed = false;
  /// Warnings, such as that this set takes the place of another.
  Diagnostics notes;

  int64_t train_count() const { return x_train.shape()[0]; }
  int64_t test_count() const { return x_test.shape()[0]; }
  /// Of one sample: (28, 28, 1), (4,).
  Shape sample_shape() const { return x_train.shape().drop_front(); }
  bool is_image() const { return x_train.shape().rank() == 4; }
  int64_t classes() const { return static_cast<int64_t>(labels.size()); }
};

/// How many samples of each class `y` (i32 [n]) holds. Requires every value in [0, classes).
std::vector<int64_t> class_counts(const Tensor& y, int64_t classes);

/// Throws UserError data.* unless the tensors fit each other: equal counts, a class index in range everywhere,
/// at least one training sample, finite floats. Every loader ends with it.
void check_dataset(const Dataset& dataset);

/// What `data info` prints and the page shows: name, source, task, train, test, shape, dtype, scale, bytes, labels with
/// counts, features with mean and deviation, target, the samples' order, notes.
Json dataset_info(const Dataset& dataset);

}  // namespace trainyard

// Data sets by name or path: what `--data` takes and the page's list shows.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/data/dataset.h"

namespace trainyard {

/// How to load a data set. What does not apply to a set is ignored by it and says so here.
struct DatasetOptions {
  /// Draws digits and test rows.
  uint64_t seed = 0;
  /// Part of tables and of folders without a test part that is kept for the test.
  double test_split = 0.2;
  /// Tables (iris too) and folders of pictures only: mix the training samples by the seed, as they may be sorted by class.
  bool shuffle = true;
  /// Digits only: how many to draw.
  int64_t train_samples = 60'000;
  int64_t test_samples = 10'000;
  /// Tables only: the column to predict; "" is `usual_target` where there is such a column, else the last.
  std::string target;
  std::string usual_target;
  /// Folders of pictures only: size and channels (1 or 3) to bring them to.
  int64_t height = 28;
  int64_t width = 28;
  int channels = 1;
  /// mnist only: may be fetched; and where it cannot be had, digits take its place with a warning in `notes`.
  bool download = true;
  bool substitute = true;
  /// Is told what takes time.
  std::function<void(const std::string& message)> report;
  /// Speeds up drawing; may be null.
  ThreadPool* pool = nullptr;
};

struct BuiltinDataset {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  Dataset (*load)(const DatasetOptions& options);
};

/// iris, digits, mnist, in the order in which they are listed.
std::span<const BuiltinDataset> builtin_datasets();

/// A file with its name, as a page hands it over. The name may have folders in it, with '/'.
struct NamedBytes {
  std::string name;
  std::span<const uint8_t> bytes;
};

/// A data set from files: one CSV; two or four IDX files (images and labels, told apart by rank, test files by "t10k" or
/// "test" in their names); or PNG and JPEG pictures in a folder for each class, perhaps below "train" and "test".
/// Throws UserError data.files when they are none of these, and what the readers throw.
Dataset dataset_from_files(std::string name, const std::vector<NamedBytes>& files, const DatasetOptions& options);

/// A built-in set by name, else a CSV file, else a folder by path. Throws UserError data.unknown where there is none.
Dataset load_dataset(const std::string& name_or_path, const DatasetOptions& options = {});

}  // namespace trainyard

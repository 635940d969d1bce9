// The commands and what the command line gives them. Each returns the exit code; mistakes are thrown as UserError.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/session_factory.h"
#include "native/cli/data_source.h"
#include "native/cli/output.h"

namespace trainyard::cli {

inline constexpr int kDone = 0;
/// Something went wrong that is nobody's typing: no memory, a loss that is no number, a disk that is full.
inline constexpr int kFailed = 1;
/// A mistake in the arguments or in a file that was given.
inline constexpr int kMisused = 2;
/// Ctrl-C, as shells count it (128 + SIGINT).
inline constexpr int kInterrupted = 130;

struct TrainArguments {
  std::string model;
  DataArguments data;
  SessionOptions session;
  // What was not given is chosen by model and data, or is as in the resumed training.
  std::optional<int64_t> epochs;
  std::optional<int64_t> batch_size;
  std::optional<std::string> optimizer;  // a name or an object as JSON
  std::optional<double> learning_rate;
  std::optional<std::string> loss;
  std::vector<std::string> metrics;  // names, calls or JSON, each perhaps several
  std::vector<std::string> weighted_metrics;
  std::optional<std::string> loss_weights;  // JSON: numbers by output
  std::vector<std::string> targets;         // "COLUMN", or "OUTPUT=WHAT"
  std::optional<double> validation_split;
  std::optional<int64_t> seed;
  bool no_shuffle = false;
  std::vector<std::string> class_weight;  // "3=2.5" or "cat=2.5"
  std::vector<std::string> callbacks;     // "EarlyStopping(patience=3)" or JSON
  std::optional<int64_t> early_stopping;  // patience
  std::string save;
  std::string resume;
  bool profile = false;
};
int run_train(const TrainArguments& arguments, Output& output);

struct EvaluateArguments {
  std::string model;
  DataArguments data;
  SessionOptions session;
  int64_t batch_size = 256;
  std::string
      split;  // "train", "test", "all"; "" is the test part, and all of data that the training did not come from
};
int run_evaluate(const EvaluateArguments& arguments, Output& output);

struct PredictArguments {
  std::string model;
  std::vector<std::string> files;
  std::vector<std::string> texts;  // typed, for a model that reads text
  SessionOptions session;
  int64_t top = 3;
};
int run_predict(const PredictArguments& arguments, Output& output);

struct SummaryArguments {
  std::string model;
  int64_t batch_size = 32;
};
int run_summary(const SummaryArguments& arguments, Output& output);

struct SchemaArguments {
  std::string name;      // one class; "" all
  std::string coverage;  // path of a list of Keras's classes; "" none
  bool markdown = false;
};
int run_schema(const SchemaArguments& arguments, Output& output);
/// What of Keras is here and what is missing; kFailed when anything but the excluded is missing, or a default is another.
/// `markdown`: as docs/coverage.md.
int run_coverage(const std::string& path, bool markdown, Output& output);

int run_data_list(Output& output);
struct DataInfoArguments {
  std::string name;
  DataArguments data;
};
int run_data_info(const DataInfoArguments& arguments, Output& output);

}  // namespace trainyard::cli

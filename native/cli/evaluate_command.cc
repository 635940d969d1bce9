#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/api/model_source.h"
#include "engine/api/targets.h"
#include "engine/api/training_data.h"
#include "native/cli/commands.h"
#include "native/cli/format.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

/// Rows: true class, columns: the class read.
class Confusion {
 public:
  Confusion(const Tensor& labels, size_t classes) : labels_(labels), classes_(classes), counts_(classes * classes, 0) {}

  void add(int64_t first, const TensorView& output) {
    const int64_t batch = output.shape.front();
    const int64_t width = output.elements() / std::max<int64_t>(1, batch);
    for (int64_t i = 0; i < batch; ++i) {
      const auto truth = static_cast<size_t>(labels_.span<const int32_t>()[static_cast<size_t>(first + i)]);
      const size_t read = class_read(output, i, width);
      if (truth < classes_ && read < classes_) ++counts_[truth * classes_ + read];
    }
  }
  int64_t at(size_t truth, size_t read) const { return counts_[truth * classes_ + read]; }
  size_t classes() const { return classes_; }
  int64_t of_class(size_t truth) const {
    int64_t sum = 0;
    for (size_t read = 0; read < classes_; ++read) sum += at(truth, read);
    return sum;
  }

 private:
  static size_t class_read(const TensorView& output, int64_t row, int64_t width) {
    if (width == 1) return element_as_double(output, row) > 0.5 ? 1 : 0;
    size_t best = 0;
    for (int64_t c = 1; c < width; ++c)
      if (element_as_double(output, row * width + c) >
          element_as_double(output, row * width + static_cast<int64_t>(best)))
        best = static_cast<size_t>(c);
    return best;
  }

  const Tensor& labels_;
  size_t classes_;
  std::vector<int64_t> counts_;
};

constexpr size_t kMostClassesShown = 30;

void show(const Confusion& confusion, const std::vector<std::string>& labels, Output& output) {
  if (confusion.classes() > kMostClassesShown) return;
  std::vector<Column> columns{{"class"}, {"right", true}};
  for (size_t c = 0; c < confusion.classes(); ++c) columns.push_back({labels[c], true});
  TextTable table(columns);
  for (size_t truth = 0; truth < confusion.classes(); ++truth) {
    const int64_t count = confusion.of_class(truth);
    std::vector<std::string> row{
        labels[truth],
        count > 0 ? percent(static_cast<double>(confusion.at(truth, truth)) / static_cast<double>(count)) : "-"};
    for (size_t read = 0; read < confusion.classes(); ++read)
      row.push_back(confusion.at(truth, read) == 0 ? "." : std::to_string(confusion.at(truth, read)));
    table.add(std::move(row));
  }
  output.line("\n" + table.text(output.terminal()));
  output.line(output.paint(Colour::dim, "rows: the true class, columns: what was read"));
}

Json confusion_json(const Confusion& confusion) {
  Json rows = Json::array();
  for (size_t truth = 0; truth < confusion.classes(); ++truth) {
    Json row = Json::array();
    for (size_t read = 0; read < confusion.classes(); ++read) row.push_back(confusion.at(truth, read));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json setup_of(const SavedModel& saved, const LoadedData& data) {
  if (saved.training.is_object() && saved.training.contains("setup")) return saved.training["setup"];
  const Samples samples =
      data.tensors ? data.tensors->train : samples_of(data.dataset, DataPart::train, *saved.model, saved.plan, nullptr);
  return default_setup(samples, *saved.model, saved.plan);
}

/// The output whose answers are classes of the data set. Of tensors by name only a model with one output is told so.
std::optional<size_t> class_output(const LoadedData& data, const Json& setup, const Model& model,
                                   const ModelPlan& plan) {
  if (data.dataset.task != Task::classification) return std::nullopt;
  if (data.tensors) return model.outputs.size() == 1 ? std::optional<size_t>(0) : std::nullopt;
  Diagnostics ignored;  // samples_of has complained
  return label_output(parse_targets(setup, data.dataset, model, plan, ignored));
}

std::string trained_on(const Json& former) {
  return former.is_object() && former.contains("name") && former["name"].is_string() ? former["name"] : "";
}

/// Which samples are measured, by the user's word or as suits the data.
class Part {
 public:
  Part(const std::string& split, const std::string& former, DataArguments& data) : name_(split) {
    const bool strange = !data.data.empty() && data.data != former && can_be_split(data.data);
    if (split == "all" || (split.empty() && strange && !data.test_split)) {
      const std::string& name = data.data.empty() ? former : data.data;
      if (!can_be_split(name)) refuse(name);
      data.test_split = 0;
      all_ = true;
    }
  }

  /// Data may bring a test part of their own, whatever was asked for.
  DataPart in(const LoadedData& data) {
    const int64_t tested = data.tensors ? data.tensors->test.count() : data.dataset.test_count();
    if (all_ && tested > 0 && name_ == "all") refuse(data.dataset.name);
    const bool whole = all_ && tested == 0;
    if (name_.empty()) name_ = whole ? "all" : "test";
    return whole || name_ == "train" ? DataPart::train : DataPart::test;
  }
  const std::string& name() const { return name_; }

 private:
  [[noreturn]] static void refuse(const std::string& data) {
    throw UserError("cli.conflict", "--split all",
                    {{"first", "--split all"},
                     {"second", "--data " + data},
                     {"mend", "it has a test part of its own; evaluate test and train one by one"}});
  }

  std::string name_;
  bool all_ = false;
};

}  // namespace

int run_evaluate(const EvaluateArguments& arguments, Output& output) {
  const LoadedModel loaded = load_model(arguments.model);
  if (!loaded.saved) throw UserError("model.not_trained", arguments.model, {{"name", arguments.model}});
  if (arguments.batch_size < 1)
    throw UserError("argument.range", "--batch-size",
                    {{"range", "at least 1"}, {"value", std::to_string(arguments.batch_size)}});
  const auto device = make_device(arguments.session);
  DataArguments data = arguments.data;
  const Json& former = loaded.saved->preprocessing.request;
  if (data.data.empty() && !former.is_object()) data.data = data_for(*loaded.model, loaded.plan);
  Part asked(arguments.split, trained_on(former), data);
  const LoadedData loaded_data =
      load_data(data, former, {loaded.model.get(), &loaded.plan, &*loaded.saved}, *device, output);
  const Dataset& dataset = loaded_data.dataset;
  const DataPart part = asked.in(loaded_data);
  const auto& tensors = loaded_data.tensors;
  const Json setup_json = setup_of(*loaded.saved, loaded_data);
  const Samples samples = tensors ? (part == DataPart::train ? tensors->train : tensors->test)
                                  : samples_of(dataset, part, *loaded.model, loaded.plan, setup_json);
  if (samples.count() == 0) throw UserError("data.empty", dataset.name + " (" + asked.name() + ")");

  Session session(device);
  Trainer trainer(loaded.model, loaded.plan, session);
  load_weights(*loaded.saved, trainer);
  Diagnostics diagnostics;
  TrainingSetup setup = parse_setup(setup_json, *loaded.model, loaded.plan, samples.y, diagnostics);
  throw_if_errors(diagnostics);
  trainer.compile(std::move(setup));
  const std::optional<size_t> classes = class_output(loaded_data, setup_json, *loaded.model, loaded.plan);
  const Tensor& labels = part == DataPart::train ? dataset.y_train : dataset.y_test;
  Confusion confusion(labels, classes ? static_cast<size_t>(dataset.classes()) : 0);
  const auto collect = [&](int64_t first, const std::vector<TensorView>& outputs) {
    if (classes) confusion.add(first, outputs[*classes]);
  };
  const Logs logs = trainer.evaluate(samples, arguments.batch_size, collect);

  Json fields = {
      {"model", arguments.model}, {"data", dataset.name}, {"split", asked.name()}, {"samples", samples.count()}};
  for (const auto& [name, value] : logs) fields[name] = value;
  if (classes) fields["confusion"] = confusion_json(confusion);
  output.line(output.paint(Colour::bold, dataset.name + " " + asked.name()) + " (" + with_commas(samples.count()) +
              " samples)  " + output.paint(Colour::green, logs_as_text(logs)));
  if (classes) show(confusion, dataset.labels, output);
  output.event("done", fields);
  return kDone;
}

}  // namespace trainyard::cli

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/diagnosis.h"
#include "engine/api/model_source.h"
#include "engine/api/prediction.h"
#include "engine/api/tensor_set.h"
#include "engine/layers/text_inputs.h"
#include "native/cli/commands.h"
#include "native/cli/format.h"

namespace trainyard::cli {
namespace {

constexpr int64_t kBatch = 256;

std::string class_text(const Candidate& candidate) { return candidate.label + " " + percent(candidate.probability); }

void show(const std::string& name, const Reading& reading, const Preprocessing& preprocessing, int64_t top,
          Output& output) {
  Json fields = {{"name", name}};
  std::string text = output.paint(Colour::dim, name + ":") + " ";
  if (reading.classes.empty()) {
    fields["values"] = reading.values;
    for (const double value : reading.values) text += output.paint(Colour::green, figure(value)) + " ";
    output.line(text + preprocessing.target);
  } else {
    const Candidate& best = reading.classes.front();
    fields["class"] = best.label;
    fields["index"] = best.index;
    fields["probability"] = best.probability;
    Json& list = fields["top"] = Json::array();
    const auto shown = std::min<size_t>(reading.classes.size(), static_cast<size_t>(top));
    std::string others;
    for (size_t i = 0; i < shown; ++i) {
      const Candidate& candidate = reading.classes[i];
      list.push_back({{"class", candidate.label}, {"index", candidate.index}, {"probability", candidate.probability}});
      if (i > 0) others += (i == 1 ? "" : ", ") + class_text(candidate);
    }
    text += output.paint(Colour::green, best.label) + "  " + percent(best.probability);
    output.line(others.empty() ? text : text + output.paint(Colour::dim, "   then " + others));
  }
  output.event("prediction", fields);
}

/// Every sample of a file of named tensors; of a model with several outputs each output by its name.
int64_t predict_set(const std::string& file, Trainer& trainer, const Preprocessing& preprocessing, int64_t top,
                    Output& output) {
  const Samples samples = read_tensor_inputs(file, trainer.model());
  check_inputs(samples, trainer.model(), trainer.plan());
  const std::vector<std::string> names = output_names(trainer.model());
  const std::vector<Tensor> outputs = trainer.predict(samples, kBatch);
  Preprocessing others;  // labels are those of the first output
  std::vector<std::vector<Reading>> readings;
  for (size_t o = 0; o < outputs.size(); ++o) {
    others.task =
        outputs[o].shape().rank() == 2 && outputs[o].shape().back() > 1 ? Task::classification : Task::regression;
    others.target = names[o];
    readings.push_back(read_outputs(outputs[o], o == 0 ? preprocessing : others));
  }
  for (int64_t i = 0; i < samples.count(); ++i)
    for (size_t o = 0; o < outputs.size(); ++o) {
      const std::string name = file + "[" + std::to_string(i) + "]" + (outputs.size() > 1 ? "." + names[o] : "");
      show(name, readings[o][static_cast<size_t>(i)], o == 0 ? preprocessing : others, top, output);
    }
  return samples.count();
}

/// One reading a sample, under its name. Where the model's answer is text, that text.
int64_t show_all(const std::vector<std::string>& names, const Samples& samples, Trainer& trainer,
                 const Preprocessing& preprocessing, int64_t top, Output& output) {
  const Tensor answers = trainer.predict(samples, kBatch).front();
  const TensorRef& ref = trainer.model().outputs.front();
  const auto& layer =
      trainer.model().layers[static_cast<size_t>(trainer.model().nodes[static_cast<size_t>(ref.node)].layer)];
  const TensorSpec& spec = trainer.plan().node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)];
  if (const auto* writer = dynamic_cast<const TextWriter*>(layer.layer.get()); writer != nullptr && spec.text) {
    const TextTensor words = writer->write(answers);
    for (size_t i = 0; i < names.size(); ++i) {
      const auto begin = words.values.begin() + static_cast<std::ptrdiff_t>(i * words.row_size());
      const std::vector<std::string> row(begin, begin + static_cast<std::ptrdiff_t>(words.row_size()));
      std::string line = output.paint(Colour::dim, names[i] + ":");
      for (const std::string& word : row) line += " " + output.paint(Colour::green, word);
      output.line(line);
      output.event("prediction", {{"name", names[i]}, {"text", row}});
    }
    return static_cast<int64_t>(names.size());
  }
  const std::vector<Reading> readings = read_outputs(answers, preprocessing);
  for (size_t i = 0; i < readings.size(); ++i) show(names[i], readings[i], preprocessing, top, output);
  return static_cast<int64_t>(readings.size());
}

/// What was typed, and rows of tables, for a model that reads text.
int64_t predict_text(const PredictArguments& arguments, Trainer& trainer, const Preprocessing& preprocessing,
                     Output& output) {
  const Model& model = trainer.model();
  Samples samples;
  samples.scale = preprocessing.scale;
  int64_t count = 0;
  if (!arguments.texts.empty()) {
    samples.x = read_inputs(model, trainer.plan(), typed_texts(arguments.texts, model, trainer.plan()));
    count += show_all(arguments.texts, samples, trainer, preprocessing, arguments.top, output);
  }
  const bool numbers = std::any_of(model.inputs.begin(), model.inputs.end(), [&](const TensorRef& ref) {
    return !trainer.plan().node_outputs[static_cast<size_t>(ref.node)].front().text;
  });
  for (const std::string& file : arguments.files) {
    const TextQuestions questions = read_text_questions(file, preprocessing, numbers);
    output.notes(questions.notes);
    samples.x = graph_tensors(questions.table, model, trainer.plan());
    check_inputs(samples, model, trainer.plan());
    count += show_all(questions.names, samples, trainer, preprocessing, arguments.top, output);
  }
  return count;
}

void check_shape(const std::string& file, const Shape& got, const Shape& wanted) {
  const bool fits = wanted.is_known() ? got.elements() == wanted.elements() : got.rank() == wanted.rank();
  if (!fits) throw UserError("predict.shape", file, {{"got", got.text()}, {"wanted", wanted.text()}});
}

}  // namespace

int run_predict(const PredictArguments& arguments, Output& output) {
  if (arguments.files.empty() && arguments.texts.empty())
    throw UserError("cli.usage", "predict", {{"message", "FILE is required (or --text)"}});
  const LoadedModel loaded = load_model(arguments.model);
  if (!loaded.saved) throw UserError("model.not_trained", arguments.model, {{"name", arguments.model}});
  if (arguments.top < 1)
    throw UserError("argument.range", "--top", {{"range", "at least 1"}, {"value", std::to_string(arguments.top)}});
  const Preprocessing& preprocessing = loaded.saved->preprocessing;
  const Shape input = input_shape(*loaded.model, loaded.plan);
  Session session(make_device(arguments.session));
  Trainer trainer(loaded.model, loaded.plan, session);
  load_weights(*loaded.saved, trainer);
  const bool text = takes_text(*loaded.model, loaded.plan);
  if (!text && !arguments.texts.empty()) throw UserError("predict.no_text", "--text");
  int64_t count = text ? predict_text(arguments, trainer, preprocessing, output) : 0;
  for (const std::string& file : arguments.files) {
    if (text) break;
    if (is_tensor_set(file)) {
      count += predict_set(file, trainer, preprocessing, arguments.top, output);
      continue;
    }
    if (loaded.model->inputs.size() != 1)
      throw UserError("data.input_count", file,
                      {{"got", "1"}, {"wanted", std::to_string(loaded.model->inputs.size())}});
    const Questions questions = read_questions(file, input, preprocessing);
    check_shape(file, questions.x.shape().drop_front(), input);
    output.notes(questions.notes);
    Samples samples;
    samples.x = {questions.x};
    samples.scale = preprocessing.scale;
    count += show_all(questions.names, samples, trainer, preprocessing, arguments.top, output);
  }
  output.event("done", {{"model", arguments.model}, {"samples", count}});
  return kDone;
}

}  // namespace trainyard::cli

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/model_source.h"
#include "engine/api/prediction.h"
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

void check_shape(const std::string& file, const Shape& got, const Shape& wanted) {
  const bool fits = wanted.is_known() ? got.elements() == wanted.elements() : got.rank() == wanted.rank();
  if (!fits) throw UserError("predict.shape", file, {{"got", got.text()}, {"wanted", wanted.text()}});
}

}  // namespace

int run_predict(const PredictArguments& arguments, Output& output) {
  const LoadedModel loaded = load_model(arguments.model);
  if (!loaded.saved) throw UserError("model.not_trained", arguments.model, {{"name", arguments.model}});
  if (arguments.top < 1)
    throw UserError("argument.range", "--top", {{"range", "at least 1"}, {"value", std::to_string(arguments.top)}});
  if (loaded.model->inputs.size() != 1)
    throw UserError("data.input_count", arguments.model,
                    {{"got", "1"}, {"wanted", std::to_string(loaded.model->inputs.size())}});
  const Preprocessing& preprocessing = loaded.saved->preprocessing;
  const Shape input = input_shape(*loaded.model, loaded.plan);
  Session session(make_device(arguments.session));
  Trainer trainer(loaded.model, loaded.plan, session);
  load_weights(*loaded.saved, trainer);
  int64_t count = 0;
  for (const std::string& file : arguments.files) {
    const Questions questions = read_questions(file, input, preprocessing);
    check_shape(file, questions.x.shape().drop_front(), input);
    Samples samples;
    samples.x = {questions.x};
    samples.scale = preprocessing.scale;
    const std::vector<Reading> readings = read_outputs(trainer.predict(samples, kBatch).front(), preprocessing);
    for (size_t i = 0; i < readings.size(); ++i)
      show(questions.names[i], readings[i], preprocessing, arguments.top, output);
    count += static_cast<int64_t>(readings.size());
  }
  output.event("done", {{"model", arguments.model}, {"samples", count}});
  return kDone;
}

}  // namespace trainyard::cli

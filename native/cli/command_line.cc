#include "native/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/api/builtin_models.h"
#include "native/cli/commands.h"
#include "native/cli/memory.h"

namespace trainyard::cli {
namespace {

/// Everything that the command line can hold; CLI11 writes into it.
struct Parsed {
  bool json = false;
  TrainArguments train;
  EvaluateArguments evaluate;
  PredictArguments predict;
  SummaryArguments summary;
  SchemaArguments schema;
  DataInfoArguments data_info;
};

/// An empty word is a variable of the shell that was never set, not a wish for the default.
const CLI::Validator& not_empty() {
  static const CLI::Validator kValidator([](const std::string& text) { return text.empty() ? "is empty" : ""; }, "");
  return kValidator;
}

constexpr const char* kModelHelp = "lenet5, cnn or mlp; a Keras JSON file; or a saved model (.safetensors)";

void add_json(CLI::App& command, Parsed& parsed) {
  command.add_flag("--json", parsed.json, "One JSON object a line instead of text, for programs");
}

void add_session(CLI::App& command, SessionOptions& session) {
  command.add_option("--threads", session.threads, "Threads to compute with; 0 is one for each core")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  command.add_option("--backend", session.backend, "cpu (fast) or ref (plain loops)")
      ->capture_default_str()
      ->check(CLI::IsMember(backend_names()));
}

void add_data(CLI::App& command, DataArguments& data) {
  command.add_option("--samples", data.samples,
                     "digits only: how many to draw for training; for the test a sixth of it, 1,000 to 10,000");
  command.add_option("--data-seed", data.seed, "Draws the digits, or the rows kept for the test");
  command.add_flag("--keep-order", data.keep_order,
                   "Tables and folders of pictures: leave the samples in their order; else they are mixed once");
  command.add_option("--test-split", data.test_split, "Tables and folders: the part kept for the test (0.2)");
}

void add_target(CLI::App& command, DataArguments& data) {
  command.add_option("--target", data.target, "Tables only: the column to predict; the last one unless said");
}

void add_fit_options(CLI::App& command, TrainArguments& train) {
  command.add_option("--epochs", train.epochs, "How often to go through the data; by its size unless said");
  command.add_option("--batch-size", train.batch_size, "Samples between two updates (32)");
  command.add_option("--optimizer", train.optimizer, "adam, sgd ... or 'SGD(momentum=0.9, nesterov=True)', or JSON");
  command.add_option("--learning-rate", train.learning_rate,
                     "How far each update goes; the optimizer's own unless said");
  command.add_option("--loss", train.loss,
                     "What is made small; chosen by the data unless said. Given as the optimizer is");
  command.add_option(
      "--metrics", train.metrics,
      "What else is measured: accuracy, mae, 'AUC(curve=PR, num_thresholds=50)' ..., or by output as JSON");
  command.add_option("--weighted-metrics", train.weighted_metrics,
                     "The same, where weights of samples and classes count; given as metrics are");
  command.add_option("--validation-split", train.validation_split,
                     "Part of the training data to validate with after each epoch, 0 to 1");
  command.add_option("--seed", train.seed, "First weights, shuffling and dropout follow from it (0)");
  command.add_option("--loss-weights", train.loss_weights, "Several outputs: how much each loss counts, as JSON");
  command
      .add_option(
          "--target", train.targets,
          "COLUMN: of a table, the one to predict (the last unless said). OUTPUT=WHAT, repeatable: what an output "
          "learns: label, input (the sample itself) or a column of numbers")
      ->allow_extra_args(false);
  command.add_flag("--no-shuffle", train.no_shuffle,
                   "Take the samples in their order in every epoch; tables stay in their file's");
  command
      .add_option("--class-weight", train.class_weight,
                  "CLASS=WEIGHT, repeatable: mistakes on that class count so much")
      ->allow_extra_args(false);
  command
      .add_option(
          "--callback", train.callbacks,
          "Repeatable: 'ReduceLROnPlateau(patience=2)', 'CSVLogger(filename=log.csv)' ...; a name, a call or JSON")
      ->allow_extra_args(false);
  command.add_option("--early-stopping", train.early_stopping,
                     "Stop after so many epochs without improvement (val_loss, or loss), and take the best weights");
}

void describe_train(CLI::App& app, Parsed& parsed) {
  CLI::App& command = *app.add_subcommand("train", "Train a model");
  command.add_option("MODEL", parsed.train.model, kModelHelp)->check(not_empty());
  command
      .add_option("--data", parsed.train.data.data,
                  "mnist, digits, iris, a CSV file, a folder, or tensors by input and output name (.safetensors); "
                  "by the model unless said")
      ->check(not_empty());
  add_fit_options(command, parsed.train);
  command.add_option("--save", parsed.train.save, "File for the model; written after every epoch and at Ctrl-C")
      ->check(not_empty());
  command
      .add_option("--resume", parsed.train.resume,
                  "Go on with the training that this file holds, as if it had not stopped")
      ->check(not_empty());
  command.add_flag("--profile", parsed.train.profile, "Show at the end where the time went");
  add_data(command, parsed.train.data);
  add_session(command, parsed.train.session);
  add_json(command, parsed);
  command.footer(
      "Examples:\n"
      "  trainyard train lenet5 --save model.safetensors\n"
      "  trainyard train mlp --data iris --epochs 50 --learning-rate 0.01\n"
      "  trainyard train net.json --data flowers.csv --target species --validation-split 0.1\n"
      "  trainyard train two.json --data iris --target kind=label --target size=petal_length\n"
      "  trainyard train lenet5 --validation-split 0.1 --callback 'EarlyStopping(patience=3)'\n"
      "  trainyard train --resume model.safetensors --epochs 20");
}

void describe_evaluate(CLI::App& app, Parsed& parsed) {
  CLI::App& command = *app.add_subcommand("evaluate", "Measure a trained model");
  command.add_option("MODEL", parsed.evaluate.model, "A saved model (.safetensors)")->required()->check(not_empty());
  command
      .add_option(
          "--data", parsed.evaluate.data.data,
          "mnist, digits, iris, a CSV file, a folder, or tensors by name (.safetensors), in the terms of the model; "
          "what it was trained on unless said")
      ->check(not_empty());
  command
      .add_option("--split", parsed.evaluate.split,
                  "Which part; the test part, or all of a table or folder that it was not trained on, unless said")
      ->check(CLI::IsMember({"test", "train", "all"}));
  command.add_option("--batch-size", parsed.evaluate.batch_size, "Samples at a time")->capture_default_str();
  add_data(command, parsed.evaluate.data);
  add_target(command, parsed.evaluate.data);
  add_session(command, parsed.evaluate.session);
  add_json(command, parsed);
  command.footer(
      "Examples:\n  trainyard evaluate model.safetensors\n  trainyard evaluate model.safetensors --data mnist --json");
}

void describe_predict(CLI::App& app, Parsed& parsed) {
  CLI::App& command = *app.add_subcommand("predict", "Ask a trained model about pictures or rows");
  command.add_option("MODEL", parsed.predict.model, "A saved model (.safetensors)")->required()->check(not_empty());
  command.add_option(
      "FILE", parsed.predict.files,
      "PNG or JPEG pictures, IDX files, CSV tables with a header, or tensors by input name (.safetensors)");
  command.add_option("--text", parsed.predict.texts, "A text to ask about, repeatable, for a model that reads text")
      ->allow_extra_args(false);
  command.add_option("--top", parsed.predict.top, "How many classes to show")->capture_default_str();
  add_session(command, parsed.predict.session);
  add_json(command, parsed);
  command.footer(
      "Examples:\n"
      "  trainyard predict model.safetensors digit.png\n"
      "  trainyard predict iris.safetensors flowers.csv --json\n"
      "  trainyard predict reviews.safetensors --text 'a film to remember'");
}

void describe_summary(CLI::App& app, Parsed& parsed) {
  CLI::App& command = *app.add_subcommand("summary", "Layers, shapes, parameters, arithmetic and memory of a model");
  command.add_option("MODEL", parsed.summary.model, kModelHelp)->required()->check(not_empty());
  command.add_option("--batch-size", parsed.summary.batch_size, "For the memory of a batch")->capture_default_str();
  add_json(command, parsed);
  command.footer("Examples:\n  trainyard summary lenet5\n  trainyard summary model.safetensors --json");
}

void describe_schema(CLI::App& app, Parsed& parsed) {
  CLI::App& command =
      *app.add_subcommand("schema", "Everything that can be used: layers, losses, optimizers and their arguments");
  CLI::Option* name = command.add_option("NAME", parsed.schema.name, "One class, with its arguments");
  CLI::Option* coverage = command.add_option("--coverage", parsed.schema.coverage,
                                             "Compare with a list of Keras's classes, arguments and defaults (JSON)");
  coverage->check(not_empty())->excludes(name);
  command.add_flag("--markdown", parsed.schema.markdown, "With --coverage: as the page in docs/")->needs(coverage);
  add_json(command, parsed);
  command.footer(
      "Examples:\n  trainyard schema\n  trainyard schema Conv2D\n  trainyard schema --coverage keras-api.json");
}

void describe_data(CLI::App& app, Parsed& parsed) {
  CLI::App& command = *app.add_subcommand("data", "Data sets");
  command.require_subcommand(1);
  CLI::App& list = *command.add_subcommand("list", "What can be used by name");
  add_json(list, parsed);
  CLI::App& info = *command.add_subcommand("info", "Shape, classes and columns of one data set");
  info.add_option("NAME", parsed.data_info.name, "mnist, digits, iris, a CSV file or a folder")->required();
  add_data(info, parsed.data_info.data);
  add_target(info, parsed.data_info.data);
  add_json(info, parsed);
  command.footer(
      "Examples:\n  trainyard data list\n  trainyard data info iris\n  trainyard data info flowers.csv --target "
      "species");
}

int dispatch(const CLI::App& app, const Parsed& parsed, Output& output) {
  if (app.got_subcommand("train")) return run_train(parsed.train, output);
  if (app.got_subcommand("evaluate")) return run_evaluate(parsed.evaluate, output);
  if (app.got_subcommand("predict")) return run_predict(parsed.predict, output);
  if (app.got_subcommand("summary")) return run_summary(parsed.summary, output);
  if (app.got_subcommand("schema")) return run_schema(parsed.schema, output);
  const CLI::App& data = *app.get_subcommand("data");
  if (data.got_subcommand("list")) return run_data_list(output);
  return run_data_info(parsed.data_info, output);
}

/// Mistakes that are not the user's: the machine's, or the training's.
bool is_failure(const Diagnostics& diagnostics) {
  const auto& items = diagnostics.items();
  return std::any_of(items.begin(), items.end(), [](const Diagnostic& d) {
    return d.code == "train.nan_loss" || d.code == "memory.exhausted" || d.code == "file.unwritable" ||
           d.code == "kernel.missing";
  });
}

/// Runs the command; whatever goes wrong becomes one report and an exit code.
int run_guarded(const CLI::App& app, const Parsed& parsed, Output& output) {
  try {
    return dispatch(app, parsed, output);
  } catch (const UserError& mistake) {
    output.errors(mistake.diagnostics());
    return is_failure(mistake.diagnostics()) ? kFailed : kMisused;
  } catch (const std::bad_alloc&) {
    output.error("memory.exhausted", "", {{"bytes", "more than there is"}});
  } catch (const std::exception& fault) {
    output.error("internal", "", {{"what", fault.what()}});
  }
  return kFailed;
}

/// The first word where a command should stand and none does; "" where all is well.
std::string unknown_command(const CLI::App& app, int count, const char* const* arguments) {
  if (count < 2 || arguments[1][0] == '-') return "";
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const bool known =
      std::any_of(commands.begin(), commands.end(), [&](const CLI::App* c) { return c->get_name() == arguments[1]; });
  return known ? "" : arguments[1];
}

std::string usage_message(const CLI::App& app, int count, const char* const* arguments,
                          const CLI::ParseError& mistake) {
  const std::string unknown = unknown_command(app, count, arguments);
  if (unknown.empty()) return mistake.what();
  return "'" + unknown +
         "' is no command; there are train, evaluate, predict, summary, schema and data (trainyard --help)";
}

}  // namespace

int run_command_line(int count, const char* const* arguments) {
  Parsed parsed;
  CLI::App app{"Trainyard: draw, train and use neural networks", "trainyard"};
  app.set_version_flag("--version", "trainyard " + std::string(version()));
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  describe_train(app, parsed);
  describe_evaluate(app, parsed);
  describe_predict(app, parsed);
  describe_summary(app, parsed);
  describe_schema(app, parsed);
  describe_data(app, parsed);
  app.footer("Begin with: trainyard train lenet5 --save model.safetensors\nMore on a command: trainyard train --help");
  try {
    app.parse(count, arguments);
  } catch (const CLI::Success& wish) {  // --help, --version
    return app.exit(wish);
  } catch (const CLI::ParseError& mistake) {
    const bool json =
        std::any_of(arguments, arguments + count, [](const char* word) { return std::string(word) == "--json"; });
    Output(json).error("cli.usage", "", {{"message", usage_message(app, count, arguments, mistake)}});
    return kMisused;
  }
  Output output(parsed.json);
  limit_memory_to_available();
  const int code = run_guarded(app, parsed, output);
  return output.report_loss() && code == kDone ? kFailed : code;
}

}  // namespace trainyard::cli

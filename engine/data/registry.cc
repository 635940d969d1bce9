#include "engine/data/registry.h"

#include <array>
#include <filesystem>

#include "engine/data/digits.h"
#include "engine/data/iris.h"
#include "engine/data/mnist.h"
#include "engine/io/file.h"

namespace trainyard {
namespace {

Dataset load_iris(const DatasetOptions& options) { return iris(options.seed, options.test_split, options.shuffle); }

Dataset load_digits(const DatasetOptions& options) {
  if (options.report)
    options.report("drawing " + std::to_string(options.train_samples + options.test_samples) + " digits");
  return digits({options.train_samples, options.test_samples, options.seed}, options.pool);
}

Dataset load_mnist_or_digits(const DatasetOptions& options) {
  try {
    return load_mnist({options.download, options.report});
  } catch (const UserError& error) {
    if (!options.substitute) throw;
    Dataset dataset = load_digits(options);
    dataset.notes.warn(
        "data.substituted", "mnist",
        {{"wanted", "mnist"}, {"used", "digits"}, {"reason", error.diagnostics().items().front().text()}});
    return dataset;
  }
}

constexpr std::array<BuiltinDataset, 3> kBuiltins{{
    {"iris", "Iris", "150 flowers of three species by four lengths; loads at once", load_iris},
    {"digits", "Digits", "handwriting-like digits that the engine draws itself, as many as you like", load_digits},
    {"mnist", "MNIST", "70,000 handwritten digits, the classic; fetched once where it is not at hand",
     load_mnist_or_digits},
}};

/// Pictures and tables below a folder, two levels deep: <part>/<class>/<file>.
constexpr int kFolderDepth = 3;
constexpr size_t kFileCountLimit = 200'000;

void list_files(const std::string& root, const std::string& below, int depth, std::vector<std::string>& names) {
  for (const std::string& entry : folder_entries(join_path(root, below))) {
    if (entry.front() == '.') continue;
    const std::string name = join_path(below, entry);
    if (is_folder(join_path(root, name))) {
      if (depth > 1) list_files(root, name, depth - 1, names);
    } else if (names.size() < kFileCountLimit) {
      names.push_back(name);
    }
  }
}

Dataset load_path(const std::string& path, const DatasetOptions& options) {
  std::vector<std::string> names;
  std::string root = path;
  if (is_folder(path)) {
    list_files(path, "", kFolderDepth, names);
  } else {
    const std::filesystem::path file(path);
    root = file.has_parent_path() ? file.parent_path().string() : ".";
    names.push_back(file.filename().string());
  }
  std::vector<std::vector<uint8_t>> contents;
  std::vector<NamedBytes> files;
  contents.reserve(names.size());
  for (const std::string& name : names) contents.push_back(read_file(join_path(root, name)));
  for (size_t i = 0; i < names.size(); ++i) files.push_back({names[i], contents[i]});
  Dataset dataset = dataset_from_files(std::filesystem::path(path).stem().string(), files, options);
  dataset.source = path;
  return dataset;
}

}  // namespace

std::span<const BuiltinDataset> builtin_datasets() { return kBuiltins; }

Dataset load_dataset(const std::string& name_or_path, const DatasetOptions& options) {
  for (const BuiltinDataset& builtin : kBuiltins)
    if (builtin.name == name_or_path) return builtin.load(options);
  if (!is_file(name_or_path) && !is_folder(name_or_path)) throw UserError("data.unknown", name_or_path);
  return load_path(name_or_path, options);
}

}  // namespace trainyard

// Which kind of data set a handful of files is.
#include <algorithm>
#include <map>
#include <optional>

#include "engine/data/csv_dataset.h"
#include "engine/data/idx.h"
#include "engine/data/image.h"
#include "engine/data/registry.h"
#include "engine/data/split.h"
#include "engine/io/picture.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string without_gz(std::string name) {
  if (name.size() > 3 && name.substr(name.size() - 3) == ".gz") name.resize(name.size() - 3);
  return name;
}

bool is_csv_name(const std::string& name) {
  const std::string low = lower(name);
  const size_t dot = low.find_last_of('.');
  const std::string extension = dot == std::string::npos ? "" : low.substr(dot);
  return extension == ".csv" || extension == ".tsv";
}

/// MNIST's names (train-images-idx3-ubyte) and those that end in .idx.
bool is_idx_name(const std::string& name) {
  const std::string low = without_gz(lower(name));
  return low.find("idx1") != std::string::npos || low.find("idx3") != std::string::npos ||
         low.find(".idx") != std::string::npos || low.find("-ubyte") != std::string::npos;
}

bool is_test_name(const std::string& name) {
  const std::string low = lower(name);
  return low.find("t10k") != std::string::npos || low.find("test") != std::string::npos;
}

/// Images have a rank of 3 or more, labels of 1.
Dataset from_idx(std::string name, const std::vector<NamedBytes>& files) {
  std::map<std::pair<bool, bool>, Tensor> parts;  // is test, is labels
  for (const NamedBytes& file : files) {
    Tensor tensor = read_idx(file.bytes, file.name);
    const std::pair<bool, bool> key{is_test_name(file.name), tensor.shape().rank() == 1};
    if (!parts.emplace(key, std::move(tensor)).second)
      throw UserError("data.idx_twice", file.name,
                      {{"part", key.first ? "test" : "training"}, {"kind", key.second ? "labels" : "images"}});
  }
  const auto part = [&](bool is_test, bool is_labels) {
    const auto found = parts.find({is_test, is_labels});
    return found == parts.end() ? Tensor() : found->second;
  };
  const bool has_test = parts.count({true, false}) + parts.count({true, true}) > 0;
  for (const bool is_test : {false, true})
    for (const bool is_labels : {false, true})
      if ((!is_test || has_test) && parts.count({is_test, is_labels}) == 0)
        throw UserError("data.idx_missing", name,
                        {{"part", is_test ? "test" : "training"}, {"kind", is_labels ? "labels" : "images"}});
  return dataset_from_idx(std::move(name), part(false, false), part(false, true), part(true, false), part(true, true));
}

/// "train/cat/1.png" and "cat/1.png": what part it is for, if it says, and its class.
struct PicturePlace {
  std::string part;
  std::string label;
};
std::optional<PicturePlace> place_of(const std::string& name) {
  std::vector<std::string> folders;
  size_t begin = 0;
  for (size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', begin)) {
    folders.push_back(name.substr(begin, slash - begin));
    begin = slash + 1;
  }
  if (folders.empty()) return std::nullopt;
  PicturePlace place{"", folders.back()};
  if (folders.size() >= 2) {
    const std::string above = lower(folders[folders.size() - 2]);
    if (above == "train" || above == "test") place.part = above;
  }
  return place;
}

/// Pictures [n, height, width, channels] and labels [n] of the rows named.
void fill_part(const std::vector<const NamedBytes*>& pictures, const std::vector<int32_t>& labels,
               const std::vector<int32_t>& rows, const DatasetOptions& options, Tensor& x, Tensor& y) {
  const auto count = static_cast<int64_t>(rows.size());
  x = Tensor(DType::u8, {count, options.height, options.width, options.channels});
  y = Tensor(DType::i32, {count});
  for (int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<size_t>(rows[static_cast<size_t>(i)]);
    const Tensor picture =
        read_picture(pictures[row]->bytes, options.height, options.width, options.channels, pictures[row]->name);
    std::memcpy(x.span<uint8_t>().data() + static_cast<size_t>(i) * picture.bytes(), picture.data(), picture.bytes());
    y.span<int32_t>()[static_cast<size_t>(i)] = labels[row];
  }
}

Dataset from_pictures(std::string name, const std::vector<NamedBytes>& files, const DatasetOptions& options) {
  Dataset dataset;
  dataset.name = std::move(name);
  dataset.scale = 1.0 / 255;
  std::map<std::string, int32_t> classes;
  std::vector<PicturePlace> places;
  for (const NamedBytes& file : files) {
    const std::optional<PicturePlace> place = place_of(file.name);
    if (!place) throw UserError("data.picture_class", file.name);
    classes.emplace(place->label, 0);
    places.push_back(*place);
  }
  for (auto& [label, index] : classes) {
    index = static_cast<int32_t>(dataset.labels.size());
    dataset.labels.push_back(label);
  }

  std::vector<const NamedBytes*> pictures;
  std::vector<int32_t> labels;
  TestSplit split;
  for (size_t i = 0; i < files.size(); ++i) {
    pictures.push_back(&files[i]);
    labels.push_back(classes.at(places[i].label));
    (places[i].part == "test" ? split.test : split.train).push_back(static_cast<int32_t>(i));
  }
  if (split.test.empty()) split = stratified_split(labels, dataset.classes(), options.test_split, options.seed);
  dataset.mixed = options.shuffle;
  if (options.shuffle) mix(split.train, options.seed);
  fill_part(pictures, labels, split.train, options, dataset.x_train, dataset.y_train);
  fill_part(pictures, labels, split.test, options, dataset.x_test, dataset.y_test);
  check_dataset(dataset);
  return dataset;
}

}  // namespace

Dataset dataset_from_files(std::string name, const std::vector<NamedBytes>& files, const DatasetOptions& options) {
  std::vector<NamedBytes> tables;
  std::vector<NamedBytes> idx;
  std::vector<NamedBytes> pictures;
  for (const NamedBytes& file : files) {
    if (find_bad_utf8(file.name)) throw UserError("data.file_name", printable(file.name));
    if (is_csv_name(file.name))
      tables.push_back(file);
    else if (is_picture_name(file.name))
      pictures.push_back(file);
    else if (is_idx_name(file.name))
      idx.push_back(file);
  }
  if (!idx.empty() && tables.empty() && pictures.empty()) return from_idx(std::move(name), idx);
  if (!pictures.empty() && tables.empty() && idx.empty()) return from_pictures(std::move(name), pictures, options);
  if (tables.size() == 1 && idx.empty() && pictures.empty()) {
    const CsvTable table = read_csv(tables.front().bytes, tables.front().name);
    return dataset_from_csv(std::move(name), table, tables.front().name,
                            {options.target, options.usual_target, options.seed, options.test_split, options.shuffle});
  }
  throw UserError("data.files", name,
                  {{"tables", std::to_string(tables.size())},
                   {"idx", std::to_string(idx.size())},
                   {"pictures", std::to_string(pictures.size())}});
}

}  // namespace trainyard

#include "tests/golden/golden_case.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "engine/io/file.h"

namespace trainyard::golden {
namespace {

Shape without_ones(const Shape& shape) {
  Shape result;
  for (const int64_t dim : shape)
    if (dim != 1) result.push_back(dim);
  return result;
}

/// Shapes agree; a scalar is written as [1].
bool agree(const Shape& a, const Shape& b) {
  return a == b || (a.elements() == 1 && b.elements() == 1 && without_ones(a) == without_ones(b));
}

std::string number(double value) { return Json(value).dump(); }

}  // namespace

Json Case::metadata(std::string_view key) const {
  const auto found = file.metadata.find(std::string(key));
  if (found == file.metadata.end()) return nullptr;
  const std::string& text = found->second;
  if (text == "true" || text == "false") return text == "true";
  const bool json = !text.empty() && (text[0] == '{' || text[0] == '[' || (text[0] >= '0' && text[0] <= '9'));
  return json ? Json::parse(text) : Json(text);
}

const Tensor& Case::tensor(std::string_view name) const {
  const Tensor* found = file.find(name);
  if (found == nullptr) throw std::runtime_error("the case has no tensor '" + std::string(name) + "'");
  return *found;
}

std::vector<Tensor> Case::numbered(std::string_view prefix) const {
  std::vector<Tensor> result;
  for (int i = 0;; ++i) {
    const Tensor* found = file.find(std::string(prefix) + "." + std::to_string(i));
    if (found == nullptr) return result;
    result.push_back(*found);
  }
}

double largest_of(const Tensor& tensor) {
  double largest = 0;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    if (const double x = std::abs(element_as_double(tensor.view(), i)); std::isfinite(x))
      largest = std::max(largest, x);
  return largest;
}

void Report::expect_close(const std::string& what, const Tensor& got, const Tensor& wanted, double tolerance,
                          double floor) {
  ++compared_;
  if (!agree(got.shape(), wanted.shape()))
    return fail(what + ": shape " + got.shape().text() + ", Keras has " + wanted.shape().text());
  double difference = 0;
  for (int64_t i = 0; i < wanted.elements(); ++i) {
    const double a = element_as_double(got.view(), i);
    const double b = element_as_double(wanted.view(), i);
    if (std::isnan(a) && std::isnan(b)) continue;
    if (a == b) continue;  // infinities too
    const double apart = std::abs(a - b);
    if (!(apart <= difference)) difference = apart;  // keeps a NaN
  }
  const double allowed = tolerance * largest_of(wanted) + floor;
  if (!(difference <= allowed)) fail(what + ": off by " + number(difference) + ", allowed " + number(allowed));
}

void Report::expect_close(const std::string& what, double got, const Tensor& wanted, double tolerance) {
  expect_close(what, Tensor::of<double>({1}, {got}), wanted, tolerance);
}

Case load_case(const std::string& path) {
  Case result;
  const std::filesystem::path file(path);
  result.name = file.filename() == "case.safetensors" ? file.parent_path().filename().string() : file.stem().string();
  result.folder = file.parent_path().string();
  result.file = load_safetensors(path);
  const auto text = [&](const char* key) {
    const Json value = result.metadata(key);
    return value.is_string() ? value.get<std::string>() : std::string();
  };
  result.kind = text("kind");
  result.config = result.metadata("config");
  result.class_name = result.config.is_object() && result.config.contains("class_name")
                          ? result.config["class_name"].get<std::string>()
                          : text("class_name");
  return result;
}

std::vector<std::string> find_cases(const std::string& folder) {
  std::vector<std::string> paths;
  for (const std::string& name : folder_entries(folder)) {
    const std::string path = folder + "/" + name;
    if (name.size() > 12 && name.substr(name.size() - 12) == ".safetensors")
      paths.push_back(path);
    else if (is_file(path + "/case.safetensors"))
      paths.push_back(path + "/case.safetensors");
  }
  return paths;
}

}  // namespace trainyard::golden

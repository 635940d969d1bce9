#include "engine/layers/einsum_equation.h"

#include <algorithm>
#include <map>

namespace trainyard {
namespace {

constexpr const char* kDots = "...";

bool is_label(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool all_labels(const std::string& text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_label); }

/// Takes the dots off one end; false when they are not there.
bool strip_left(std::string& text) {
  if (text.rfind(kDots, 0) != 0) return false;
  text.erase(0, 3);
  return true;
}
bool strip_right(std::string& text) {
  if (text.size() < 3 || text.compare(text.size() - 3, 3, kDots) != 0) return false;
  text.resize(text.size() - 3);
  return true;
}

bool has_twins(const std::string& labels) {
  for (size_t i = 0; i < labels.size(); ++i)
    if (labels.find(labels[i], i + 1) != std::string::npos) return true;
  return false;
}

/// Sizes of labels, collected from the input and from output_shape.
class Solver {
 public:
  Solver(const EinsumEquation& equation, const Shape& input) : equation_(equation), input_(input) {}

  EinsumShapes solve(const std::vector<int64_t>& output_shape, const std::string* bias_axes) {
    if (read_input() && read_output(output_shape) && make_kernel()) {
      for (const char label : equation_.output) shapes_.output.push_back(sizes_[label]);
      if (bias_axes != nullptr) make_bias(*bias_axes);
    }
    return std::move(shapes_);
  }

 private:
  bool fail(std::string problem, std::string argument, Diagnostics::Params params) {
    shapes_.problem = std::move(problem);
    shapes_.argument = std::move(argument);
    shapes_.params = std::move(params);
    return false;
  }

  bool read_input() {
    for (int axis = 0; axis < input_.rank(); ++axis) {
      const char label = equation_.input[static_cast<size_t>(axis)];
      const auto [known, fresh] = sizes_.emplace(label, input_[axis]);
      if (fresh || known->second == input_[axis]) continue;
      if (known->second != kUnknown && input_[axis] != kUnknown)
        return fail("einsum.sizes", "equation", {{"label", std::string(1, label)}, {"shape", input_.text()}});
      known->second = kUnknown;
    }
    return true;
  }

  bool read_output(const std::vector<int64_t>& output_shape) {
    // Labels that output_shape speaks of: all but the dots' and, where no dots come first, the batch's.
    const size_t first = equation_.left ? static_cast<size_t>(equation_.elided) : 1;
    const size_t behind = equation_.left ? 0 : static_cast<size_t>(equation_.elided);
    if (equation_.output.size() != first + output_shape.size() + behind)
      return fail("einsum.output_count", "output_shape",
                  {{"wanted", std::to_string(equation_.output.size() - first - behind)},
                   {"got", std::to_string(output_shape.size())}});
    for (size_t i = 0; i < equation_.output.size(); ++i) {
      const char label = equation_.output[i];
      const bool given = i >= first && i < first + output_shape.size();
      const int64_t size = given ? output_shape[i - first] : kUnknown;
      const auto [known, fresh] = sizes_.emplace(label, size);
      if (fresh && equation_.kernel.find(label) == std::string::npos)
        return fail("einsum.label", "equation", {{"label", std::string(1, label)}});
      if (!fresh && size != kUnknown && known->second != kUnknown && known->second != size)
        return fail("einsum.output_size", "output_shape",
                    {{"label", std::string(1, label)}, {"size", std::to_string(known->second)}});
    }
    return true;
  }

  /// False when a size that a weight needs is not known.
  bool need(char label, const char* argument) {
    const auto found = sizes_.find(label);
    if (found == sizes_.end()) return fail("einsum.label", "equation", {{"label", std::string(1, label)}});
    if (found->second == kUnknown) return fail("einsum.unknown", argument, {{"label", std::string(1, label)}});
    return true;
  }

  bool make_kernel() {
    for (const char label : equation_.kernel) {
      if (!need(label, "equation")) return false;
      shapes_.kernel.push_back(sizes_[label]);
    }
    return true;
  }

  /// From the first of the bias' labels on: its size where the bias has it, else 1.
  bool make_bias(const std::string& axes) {
    size_t first = equation_.output.size();
    for (const char label : axes) {
      const size_t at = equation_.output.find(label);
      if (at == std::string::npos || !is_label(label))
        return fail("einsum.bias", "bias_axes", {{"label", std::string(1, label)}});
      first = std::min(first, at);
    }
    if (axes.empty()) return fail("einsum.bias", "bias_axes", {{"label", ""}});
    for (size_t i = first; i < equation_.output.size(); ++i) {
      const char label = equation_.output[i];
      const bool own = axes.find(label) != std::string::npos;
      if (own && !need(label, "bias_axes")) return false;
      shapes_.bias.push_back(own ? sizes_[label] : 1);
    }
    return true;
  }

  const EinsumEquation& equation_;
  const Shape& input_;
  std::map<char, int64_t> sizes_;
  EinsumShapes shapes_;
};

}  // namespace

std::optional<EinsumEquation> parse_einsum_equation(const std::string& text, int input_rank) {
  const size_t comma = text.find(',');
  const size_t arrow = text.find("->");
  if (comma == std::string::npos || arrow == std::string::npos || comma > arrow) return std::nullopt;
  EinsumEquation equation{.input = text.substr(0, comma),
                          .kernel = text.substr(comma + 1, arrow - comma - 1),
                          .output = text.substr(arrow + 2)};
  equation.left = strip_left(equation.input);
  const bool right = !equation.left && strip_right(equation.input);
  if (equation.left != strip_left(equation.output) || right != (!equation.left && strip_right(equation.output)))
    return std::nullopt;
  if (!all_labels(equation.input) || !all_labels(equation.kernel) || !all_labels(equation.output) ||
      has_twins(equation.output))
    return std::nullopt;
  equation.elided = input_rank - static_cast<int>(equation.input.size());
  const int least = equation.left ? 1 : 0;
  if (equation.elided < least || (equation.elided > 0 && !equation.left && !right) || equation.elided > 9)
    return std::nullopt;
  std::string dots;
  for (int i = 0; i < equation.elided; ++i) dots += static_cast<char>('0' + i);
  for (std::string* labels : {&equation.input, &equation.output})
    *labels = equation.left ? dots + *labels : *labels + dots;
  return equation;
}

EinsumShapes einsum_shapes(const EinsumEquation& equation, const Shape& input, const std::vector<int64_t>& output_shape,
                           const std::string* bias_axes) {
  return Solver(equation, input).solve(output_shape, bias_axes);
}

}  // namespace trainyard

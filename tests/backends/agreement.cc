#include "tests/backends/agreement.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <sstream>

#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].bytes() != 0 && std::memcmp(a[i].data(), b[i].data(), a[i].bytes()) != 0) return false;
  return true;
}

/// NaN agrees with NaN, infinity with the same infinity.
bool alike(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

double largest_finite(const TensorView& view) {
  double largest = 0;
  for (int64_t i = 0; i < view.elements(); ++i) {
    const double value = std::abs(element_as_double(view, i));
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  return largest;
}

/// How much of the tolerance element i uses up; above 1 it disagrees.
double excess(double a, double b, double scale, bool exact) {
  if (alike(a, b)) return 0;
  if (exact || !std::isfinite(a) || !std::isfinite(b)) return HUGE_VAL;
  return std::abs(a - b) / (1e-5 * scale + 1e-7);
}

std::string compare_all(const std::vector<Tensor>& actual, const std::vector<Tensor>& expected, const OpCase& op_case) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const std::string text = disagreement(actual[i], expected[i], op_case.by_element, moves_only(op_case.op));
    if (!text.empty()) return "output " + std::to_string(i) + " " + text;
  }
  return "";
}

/// Runs a case in different circumstances and notes where they matter.
class CaseChecker {
 public:
  CaseChecker(const Backend& backend, const OpCase& op_case)
      : backend_(backend), op_case_(op_case), inputs_(make_inputs(op_case)) {}

  CaseReport report() {
    const auto outputs = run_op(backend_, op_case_.op, inputs_);
    if (!outputs) return {};
    report_.supported = true;
    note(compare_all(*outputs, run_on_ref(op_case_.op, inputs_), op_case_), "differs from ref");
    for (const int threads : {2, 3, 4, 8}) expect_same(*outputs, {.threads = threads}, "threads change the bits");
    expect_same(*outputs, {.dirt = 0x5a}, "something is not written, or read before it is");
    expect_same(*outputs, {.threads = 2, .dirt = 0xff}, "something is not written, or read before it is");
    check_misaligned();
    check_in_place(*outputs);
    return report_;
  }

 private:
  void note(const std::string& what, const std::string& label) {
    if (!what.empty()) report_.failures.push_back(op_case_.name + ": " + label + ": " + what);
  }

  void expect_same(const std::vector<Tensor>& outputs, const RunOptions& options, const std::string& label) {
    const auto again = run_op(backend_, op_case_.op, inputs_, options);
    if (!same_bits(outputs, *again)) note(std::to_string(options.threads) + " threads", label);
  }

  void check_misaligned() {
    const auto outputs = run_op(backend_, op_case_.op, inputs_, {.misaligned = true});
    note(compare_all(*outputs, run_on_ref(op_case_.op, inputs_), op_case_), "differs where operands are not aligned");
  }

  void check_in_place(const std::vector<Tensor>& outputs) {
    const Types in = types_of(inputs_);
    const Types out = types_of(outputs);
    if (!backend_.kernels().find(op_case_.op, in, out)->in_place) return;
    for (size_t i = 0; i < in.size(); ++i)
      if (in[i] == out[0])
        expect_same(outputs, {.threads = 2, .in_place = static_cast<int>(i)},
                    "differs in the place of input " + std::to_string(i));
  }

  const Backend& backend_;
  const OpCase& op_case_;
  std::vector<Tensor> inputs_;
  CaseReport report_;
};

std::string dtypes_text(const OpCase& op_case) {
  const Types out = infer_types(op_case.op, op_case.inputs);
  const Types& shown = op_case.inputs.empty() ? out : op_case.inputs;
  std::string text;
  for (const ValueType& type : shown) {
    const std::string name(name_of(type.dtype));
    if (text.find(name) == std::string::npos) text += (text.empty() ? "" : "+") + name;
  }
  return text;
}

}  // namespace

std::string disagreement(const Tensor& actual, const Tensor& expected, bool by_element, bool exact) {
  if (actual.dtype() != expected.dtype() || actual.shape() != expected.shape()) return "has another type";
  const TensorView a = actual.view();
  const TensorView b = expected.view();
  const bool whole = exact || !is_floating(a.dtype);
  const double largest = largest_finite(b);
  double worst = 0;
  int64_t where = 0;
  for (int64_t i = 0; i < a.elements(); ++i) {
    const double value = element_as_double(b, i);
    const double used = excess(element_as_double(a, i), value, by_element ? std::abs(value) : largest, whole);
    if (used > worst) {
      worst = used;
      where = i;
    }
  }
  if (worst <= 1) return "";
  std::ostringstream text;
  text.precision(9);
  text << "at element " << where << " of " << expected.shape().text() << " is " << element_as_double(a, where)
       << ", not " << element_as_double(b, where) << " (" << worst << " of the tolerance)";
  return text.str();
}

bool moves_only(const Op& op) {
  const size_t index = op.index();
  return index == op_index<op::Select>() || index == op_index<op::Reshape>() || index == op_index<op::Transpose>() ||
         index == op_index<op::BroadcastTo>() || index == op_index<op::Concat>() || index == op_index<op::Slice>() ||
         index == op_index<op::Unslice>() || index == op_index<op::Pad>() || index == op_index<op::Gather>() ||
         index == op_index<op::OneHot>() || index == op_index<op::Copy>() || index == op_index<op::Fill>();
}

CaseReport check_case(const Backend& backend, const OpCase& op_case) { return CaseChecker(backend, op_case).report(); }

std::string support_matrix(const std::vector<const Backend*>& backends) {
  std::map<std::string, std::map<const Backend*, std::set<std::string>>> rows;
  for (const OpCase& op_case : op_cases()) {
    auto& row = rows[display_name(op_case.op)];
    const Types out = infer_types(op_case.op, op_case.inputs);
    for (const Backend* backend : backends)
      if (backend->kernels().find(op_case.op, op_case.inputs, out) != nullptr)
        row[backend].insert(dtypes_text(op_case));
  }
  std::string text = "| op |";
  std::string rule = "|---|";
  for (const Backend* backend : backends) {
    text += " " + std::string(backend->name()) + " |";
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (auto& [op, row] : rows) {
    text += "| " + op + " |";
    for (const Backend* backend : backends) {
      for (const std::string& dtypes : row[backend]) text += " " + dtypes;
      text += row[backend].empty() ? " - |" : " |";
    }
    text += "\n";
  }
  return text;
}

}  // namespace trainyard::testing

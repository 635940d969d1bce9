// keras.layers.Dot
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/ops/einsum.h"

namespace trainyard {
namespace {

/// Sums the products along one axis of each input, sample by sample.
/// a: [n, .., k, ..]  b: [n, .., k, ..]  y: [n, rest of a, rest of b], or [n, 1] where nothing rests.
struct Dot final : LayerOf<Dot> {
  Axis axes = 1;  // always given; printed of a bare object too
  bool normalize = false;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Dot>("Dot", "merging", "Multiplies two tensors along an axis and adds up the products.")
            .arg("axes", &Dot::axes, "The axis of both, or one for each; 0 is the batch and cannot be one.",
                 {.min = -8, .max = 7, .required = true})
            .arg("normalize", &Dot::normalize, "Bring both to length 1 first: the result is their cosine.")
            .rule([](const Dot& layer, const ParseContext& context) {
              if (layer.axes.is_list && layer.axes.axes.size() != 2)
                context.child("axes").expected("an axis or a list of two", ArgTraits<Axis>::print(layer.axes));
            })
            .summary({"axes"})
            .build();
    return kInfo;
  }
  InputArity arity() const override { return {2, 2}; }
  int list_begin() const override { return 0; }

  void build(BuildContext& context) const override {
    Shape result;
    int chosen[2] = {};
    for (int i = 0; i < 2; ++i) {
      if (!context.expect_min_rank(2, i)) return;
      chosen[i] = axis_of(i, context.shape(i).rank());
      if (chosen[i] <= 0)
        return context.error(
            "axes", "layer.axis",
            {{"axis", std::to_string(axes.axes[axes.is_list && i == 1 ? 1 : 0])}, {"shape", context.shape(i).text()}});
      for (int d = i; d < context.shape(i).rank(); ++d)
        if (d != chosen[i]) result.push_back(context.shape(i)[d]);
    }
    if (!same(context.shape(0)[chosen[0]], context.shape(1)[chosen[1]]) ||
        !same(context.shape(0).front(), context.shape(1).front()))
      return context.error("axes", "merge.dot", {{"a", context.shape(0).text()}, {"b", context.shape(1).text()}});
    if (result[0] == kUnknown) result[0] = context.shape(1).front();
    if (result.rank() == 1) result.push_back(1);
    context.add_output(result);
  }
  void call(CallContext& context) const override {
    Labelled parts[2];
    std::string labels = "n";
    for (int i = 0; i < 2; ++i) {
      Value x = context.input(i);
      const int along = axis_of(i, x.rank());
      if (normalize) x = x * minimum(rsqrt(sum(square(x), {along}, true)), 1e7);  // 1 / Keras's epsilon
      parts[i] = {x, "n"};
      for (int d = 1; d < x.rank(); ++d) {
        const char own = static_cast<char>((i == 0 ? 'a' : 'A') + d);
        parts[i].labels += d == along ? 'z' : own;
        if (d != along) labels += own;
      }
    }
    const Value y = einsum(parts[0], parts[1], labels);
    context.add_output(y.rank() == 1 ? reshape(y, {y.shape()[0], 1}) : y);
  }

 private:
  static bool same(int64_t a, int64_t b) { return a == b || a == kUnknown || b == kUnknown; }
  /// Of input i; -1 when it has none such.
  int axis_of(int i, int rank) const { return resolve_axis(axes.axes[axes.is_list && i == 1 ? 1 : 0], rank); }
};

}  // namespace

LayerClasses dot_layers() { return {&Dot::declaration()}; }

}  // namespace trainyard

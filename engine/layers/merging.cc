// Layers that take several tensors: Add and its kin, and Concatenate.
#include <algorithm>

#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// The broadcast of two shapes that may hold unknown sizes; nothing when they clash.
std::optional<Shape> broadcast_symbolic(const Shape& a, const Shape& b) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape result = longer;
  const int extra = longer.rank() - shorter.rank();
  for (int axis = 0; axis < shorter.rank(); ++axis) {
    const int64_t x = longer[axis + extra];
    const int64_t y = shorter[axis];
    if (x == y || y == 1) continue;
    if (x == 1)
      result[axis + extra] = y;
    else if (x == kUnknown)
      result[axis + extra] = y;
    else if (y != kUnknown)
      return std::nullopt;
  }
  return result;
}

/// The batch is never broadcast; lower ranks get their missing dimensions behind it, as Keras does.
Shape expand_behind_batch(const Shape& shape, int rank) {
  Shape result{shape[0]};
  for (int i = shape.rank(); i < rank; ++i) result.push_back(1);
  for (int axis = 1; axis < shape.rank(); ++axis) result.push_back(shape[axis]);
  return result;
}

template <typename T>
struct Merge : LayerOf<T> {
  InputArity arity() const override { return {2, 0}; }
  bool supports_masking() const override { return true; }

  static int largest_rank(const BuildContext& context) {
    int rank = 0;
    for (int i = 0; i < context.input_count(); ++i) rank = std::max(rank, context.shape(i).rank());
    return rank;
  }
  void build(BuildContext& context) const override {
    const int rank = largest_rank(context);
    Shape result = expand_behind_batch(context.shape(0), rank);
    for (int i = 1; i < context.input_count(); ++i) {
      const std::optional<Shape> merged = broadcast_symbolic(result, expand_behind_batch(context.shape(i), rank));
      if (!merged)
        return context.error("", "merge.shapes", {{"a", context.shape(0).text()}, {"b", context.shape(i).text()}});
      result = *merged;
    }
    context.add_output(result);
  }
  void call(CallContext& context) const override {
    int rank = 0;
    for (const Value& input : context.inputs()) rank = std::max(rank, input.rank());
    Value result;
    for (const Value& input : context.inputs()) {
      const Value next = reshape(input, expand_behind_batch(input.shape(), rank));
      result = result ? T::merge(result, next) : next;
    }
    context.add_output(T::finish(result, context.input_count()));
  }
  static Value finish(Value result, int) { return result; }
};

struct Add final : Merge<Add> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = layer_declaration<Add>("Add", "merging", "Adds tensors, value by value.").build();
    return kInfo;
  }
  static Value merge(Value a, Value b) { return a + b; }
};

struct Multiply final : Merge<Multiply> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Multiply>("Multiply", "merging", "Multiplies tensors, value by value.").build();
    return kInfo;
  }
  static Value merge(Value a, Value b) { return a * b; }
};

struct Average final : Merge<Average> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Average>("Average", "merging", "Takes the mean of tensors, value by value.").build();
    return kInfo;
  }
  static Value merge(Value a, Value b) { return a + b; }
  static Value finish(Value result, int count) { return result / static_cast<double>(count); }
};

struct Maximum final : Merge<Maximum> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Maximum>("Maximum", "merging", "Keeps the larger value of tensors.").build();
    return kInfo;
  }
  static Value merge(Value a, Value b) { return maximum(a, b); }
};

struct Minimum final : Merge<Minimum> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Minimum>("Minimum", "merging", "Keeps the smaller value of tensors.").build();
    return kInfo;
  }
  static Value merge(Value a, Value b) { return minimum(a, b); }
};

struct Subtract final : Merge<Subtract> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Subtract>("Subtract", "merging", "Takes the second tensor from the first.").build();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    if (context.input_count() != 2)
      return context.error(
          "", "model.input_count",
          {{"class_name", "Subtract"}, {"wanted", "2"}, {"got", std::to_string(context.input_count())}});
    Merge::build(context);
  }
  static Value merge(Value a, Value b) { return a - b; }
};

struct Concatenate final : LayerOf<Concatenate> {
  int64_t axis = -1;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Concatenate>("Concatenate", "merging", "Puts tensors one after another.")
            .arg("axis", &Concatenate::axis, "Along which dimension; 0 is the batch, -1 the last.")
            .summary({"axis"})
            .build();
    return kInfo;
  }
  InputArity arity() const override { return {1, 0}; }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
    Shape result = context.shape(0);
    const int along = resolve_axis(axis, result.rank());
    if (along < 0)
      return context.error("axis", "layer.axis", {{"axis", std::to_string(axis)}, {"shape", result.text()}});
    for (int i = 1; i < context.input_count(); ++i) {
      const Shape& other = context.shape(i);
      bool fits = other.rank() == result.rank();
      for (int d = 0; fits && d < result.rank(); ++d) {
        if (d == along) continue;
        fits = result[d] == other[d] || result[d] == kUnknown || other[d] == kUnknown;
        if (result[d] == kUnknown) result[d] = other[d];
      }
      if (!fits)
        return context.error("", "merge.concatenate",
                             {{"a", context.shape(0).text()}, {"b", other.text()}, {"axis", std::to_string(along)}});
      result[along] = result[along] == kUnknown || other[along] == kUnknown ? kUnknown : result[along] + other[along];
    }
    context.add_output(result);
  }
  void call(CallContext& context) const override {
    context.add_output(concat(context.inputs(), static_cast<int>(axis)));
  }
};

}  // namespace

LayerClasses merging_layers() {
  return {&Add::declaration(),     &Subtract::declaration(), &Multiply::declaration(),   &Average::declaration(),
          &Maximum::declaration(), &Minimum::declaration(),  &Concatenate::declaration()};
}

}  // namespace trainyard

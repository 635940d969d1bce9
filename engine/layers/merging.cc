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
    if (x == 1 || x == kUnknown)
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

/// A mask [n, ..] under a shape of which it names the first dimensions: [n, .., 1, 1]
Value under(Value mask, int rank) {
  Shape shape = mask.shape();
  while (shape.rank() < rank) shape.push_back(1);
  return reshape(mask, shape);
}

/// True where any mask is; no value unless all inputs have one.
Value any_mask(const CallContext& context) {
  int rank = 0;
  for (int i = 0; i < context.input_count(); ++i) {
    if (!context.mask(i)) return {};
    rank = std::max(rank, context.mask(i).rank());
  }
  Value any;
  for (int i = 0; i < context.input_count(); ++i) {
    const Value mask = under(context.mask(i), rank);
    any = any ? binary(op::BinaryKind::logical_or, any, mask) : mask;
  }
  return any;
}

/// A tensor that is being merged, and where it counts: bool, broadcast against it, or no value for everywhere.
struct Part {
  Value value, mask;
};

/// As Keras's Maximum and Minimum: what does not count on one side is taken from the other.
template <typename Merge>
Part merge_where_masked(const Part& a, const Part& b, Merge merge) {
  const Value right = b.mask ? select(b.mask, b.value, a.value) : b.value;
  const Value left = a.mask ? select(a.mask, a.value, right) : a.value;
  const bool masked = a.mask && b.mask;
  return {merge(left, right), masked ? binary(op::BinaryKind::logical_or, a.mask, b.mask) : Value()};
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
    Part result;
    for (int i = 0; i < context.input_count(); ++i) {
      const Value input = context.input(i);
      Part next{reshape(input, expand_behind_batch(input.shape(), rank)), context.mask(i)};
      if (next.mask)
        next.mask =
            reshape(under(next.mask, input.rank()), expand_behind_batch(under(next.mask, input.rank()).shape(), rank));
      next = T::prepare(next);
      result = result.value ? T::merge_parts(result, next) : next;
    }
    context.add_output(T::finish(result, context.input_count()));
    context.set_output_mask(0, any_mask(context));
  }
  static Part prepare(const Part& part) { return part; }
  static Part merge_parts(const Part& a, const Part& b) { return {T::merge(a.value, b.value), {}}; }
  static Value finish(const Part& result, int) { return result.value; }
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
  // As Keras: what does not count is 1 in the product, and 0 in the result where it counts on no side.
  static Part prepare(const Part& part) {
    return {part.mask ? select(part.mask, part.value, 1.0) : part.value, part.mask};
  }
  static Part merge_parts(const Part& a, const Part& b) {
    const bool masked = a.mask && b.mask;
    return {a.value * b.value, masked ? binary(op::BinaryKind::logical_or, a.mask, b.mask) : Value()};
  }
  static Value finish(const Part& result, int) {
    return result.mask ? select(result.mask, result.value, 0.0) : result.value;
  }
};

struct Average final : Merge<Average> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Average>("Average", "merging", "Takes the mean of tensors, value by value.").build();
    return kInfo;
  }
  static Value merge(Value a, Value b) { return a + b; }
  static Value finish(const Part& result, int count) { return result.value / static_cast<double>(count); }
};

struct Maximum final : Merge<Maximum> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Maximum>("Maximum", "merging", "Keeps the larger value of tensors.").build();
    return kInfo;
  }
  static Part merge_parts(const Part& a, const Part& b) {
    return merge_where_masked(a, b, [](Value x, Value y) { return maximum(x, y); });
  }
};

struct Minimum final : Merge<Minimum> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Minimum>("Minimum", "merging", "Keeps the smaller value of tensors.").build();
    return kInfo;
  }
  static Part merge_parts(const Part& a, const Part& b) {
    return merge_where_masked(a, b, [](Value x, Value y) { return minimum(x, y); });
  }
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
    context.set_output_mask(0, joined_mask(context));
  }

 private:
  /// Masks side by side along the axis, or, along the features, true where any is; a tensor without a mask counts
  /// everywhere. No value where none has one.
  Value joined_mask(const CallContext& context) const {
    const int rank = context.input().rank();
    const int along = resolve_axis(axis, rank);
    std::vector<Value> masks;
    bool any = false;
    for (int i = 0; i < context.input_count(); ++i) {
      const Shape whole = context.input(i).shape().slice(0, rank - 1);
      const Value mask = context.mask(i);
      any = any || mask;
      masks.push_back(mask ? broadcast_to(under(mask, rank - 1), whole)
                           : context.input(i).graph().constant(ones(whole)));
    }
    if (!any) return {};
    if (along < rank - 1) return concat(masks, along);
    Value result = masks[0];
    for (size_t i = 1; i < masks.size(); ++i) result = binary(op::BinaryKind::logical_or, result, masks[i]);
    return result;
  }
  static Tensor ones(const Shape& shape) {
    Tensor tensor(DType::boolean, shape);
    for (bool& value : tensor.span<bool>()) value = true;
    return tensor;
  }
};

}  // namespace

LayerClasses merging_layers() {
  return {&Add::declaration(),     &Subtract::declaration(), &Multiply::declaration(),   &Average::declaration(),
          &Maximum::declaration(), &Minimum::declaration(),  &Concatenate::declaration()};
}

}  // namespace trainyard

#include "engine/ops/lookup.h"

#include "engine/ops/gradient.h"
#include "engine/ops/lookup_builder.h"
#include "engine/ops/op_support.h"

namespace trainyard {
namespace op {
namespace {

// About what a round of either hash takes for a number of a few digits.
constexpr int64_t kHashFlops = 50;

bool is_whole(const ValueType& type) { return type.dtype == DType::i32 || type.dtype == DType::i64; }

}  // namespace

Types SearchSorted::infer(InputTypes in) const {
  check_inputs(in, 2);
  check(in[0].dtype == in[1].dtype && in[1].shape.rank() == 1, "values and a list of keys of one dtype");
  return {{DType::i32, in[0].shape}};
}
void SearchSorted::gradient(GradientContext&) const {}
Cost SearchSorted::cost(InputTypes in, OutputTypes out) const {
  int64_t halvings = 1;
  for (int64_t keys = in[1].shape.front(); keys > 1; keys /= 2) ++halvings;
  return arithmetic_cost(in, out, out[0].shape.elements() * halvings);
}

Types HashBucket::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(is_whole(in[0]) && buckets >= 1, "whole numbers and at least one bucket");
  return {{DType::i32, in[0].shape}};
}
void HashBucket::gradient(GradientContext&) const {}
Cost HashBucket::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, out[0].shape.elements() * kHashFlops);
}

Types HashCross::infer(InputTypes in) const {
  check(!in.empty() && buckets >= 1, "parts to cross and at least one bucket");
  for (const ValueType& type : in) check(is_whole(type) && type.shape == in[0].shape, "whole numbers of one shape");
  return {{DType::i32, in[0].shape}};
}
void HashCross::gradient(GradientContext&) const {}
Cost HashCross::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, out[0].shape.elements() * static_cast<int64_t>(in.size()) * 10);
}

Types BinCount::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(in[0].dtype == DType::i32 && in[0].shape.rank() == 2 && depth >= 1, "rows of whole numbers to count");
  return {{dtype, {in[0].shape[0], depth}}};
}
void BinCount::gradient(GradientContext&) const {}
Cost BinCount::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, in[0].shape.elements()); }

Types SortPlaces::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(in[0].shape.rank() >= 1 && in[0].dtype != DType::boolean, "rows of numbers to sort");
  return {{DType::i32, in[0].shape}};
}
void SortPlaces::gradient(GradientContext&) const {}
Cost SortPlaces::cost(InputTypes in, OutputTypes out) const {
  int64_t halvings = 1;
  for (int64_t size = in[0].shape.back(); size > 1; size /= 2) ++halvings;
  return arithmetic_cost(in, out, out[0].shape.elements() * halvings);
}

}  // namespace op

Value search_sorted(Value x, Value keys) { return x.graph().add_one(op::SearchSorted{}, {x, keys}); }
Value hash_bucket(Value x, op::HashBucket hash) { return x.graph().add_one(hash, {x}); }
Value bin_count(Value x, int64_t depth, bool binary, DType dtype) {
  return x.graph().add_one(op::BinCount{depth, binary, dtype}, {x});
}
Value sort_places(Value x, bool falling) { return x.graph().add_one(op::SortPlaces{falling}, {x}); }
Value hash_cross(const std::vector<Value>& parts, int64_t buckets) {
  return parts.front().graph().add_one(op::HashCross{buckets}, parts);
}

}  // namespace trainyard

// Free functions that append the ops of lookup.h.
#pragma once

#include <vector>

#include "engine/ops/builder.h"

namespace trainyard {

Value search_sorted(Value x, Value keys);
Value hash_bucket(Value x, op::HashBucket hash);
Value bin_count(Value x, int64_t depth, bool binary, DType dtype);
Value sort_places(Value x, bool falling);
Value hash_cross(const std::vector<Value>& parts, int64_t buckets);

}  // namespace trainyard

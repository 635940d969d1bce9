// Ops of lookup tables and hashes: numbers to places and buckets. No gradients pass them.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/ops/op_types.h"

namespace trainyard::op {

/// y = how many of the keys are <= x (NumPy's digitize). (x: [...], keys: rising [k], same dtype) -> i32 [...]. NaN gives k.
struct SearchSorted {
  static constexpr std::string_view kName = "SearchSorted";

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The hash of a whole number's decimal digits ("-12") modulo `buckets`: FarmHash64, or SipHash64 with the two keys where
/// salted (core/fingerprint.h). x: i32 or i64 [...]  y: i32 [...].
struct HashBucket {
  static constexpr std::string_view kName = "HashBucket";
  int64_t buckets = 1;
  bool salted = false;
  uint64_t key0 = 0, key1 = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The bucket of several whole numbers taken together, as TensorFlow crosses features: their 64 bits folded one after the
/// other. Any number of inputs: i32 or i64, one shape. y: i32 of that shape.
struct HashCross {
  static constexpr std::string_view kName = "HashCross";
  int64_t buckets = 1;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// How often each number below `depth` stands in a row; 1 however often where `binary`. x: i32 [n, k]  y: dtype [n, depth].
/// Numbers outside [0, depth) are left out.
struct BinCount {
  static constexpr std::string_view kName = "BinCount";
  int64_t depth = 1;
  bool binary = false;
  DType dtype = DType::f32;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// y = the places of each row's numbers in rising order, or in falling order; equal numbers keep theirs. NaN counts as the
/// largest. x: [..., n]  y: i32 [..., n].
struct SortPlaces {
  static constexpr std::string_view kName = "SortPlaces";
  bool falling = false;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op

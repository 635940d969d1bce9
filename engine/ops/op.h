// All ops. A new one is a struct in the header of its family, an entry here, and kernels in the backends.
#pragma once

#include <string>
#include <variant>

#include "engine/ops/elementwise.h"
#include "engine/ops/image.h"
#include "engine/ops/layout.h"
#include "engine/ops/linear.h"
#include "engine/ops/lookup.h"
#include "engine/ops/reduction.h"
#include "engine/ops/source.h"
#include "engine/ops/window.h"

namespace trainyard {

using Op = std::variant<op::Unary, op::Binary, op::Select, op::Cast, op::Fused,                           //
                        op::MatMul, op::Conv, op::ConvInputGrad, op::ConvFilterGrad,                      //
                        op::Pool, op::PoolGrad,                                                           //
                        op::Reduce, op::ArgMax, op::Softmax, op::SoftmaxGrad,                             //
                        op::Standardize, op::StandardizeGrad,                                             //
                        op::Reshape, op::Transpose, op::BroadcastTo, op::Concat, op::Slice, op::Unslice,  //
                        op::Pad, op::Gather, op::ScatterAdd, op::OneHot, op::Copy, op::Fill, op::Random,
                        op::RandomLogGamma,                    //
                        op::ImageSample, op::ImageSampleGrad,  //
                        op::SearchSorted, op::HashBucket, op::HashCross, op::BinCount, op::SortPlaces>;

inline constexpr size_t kOpCount = std::variant_size_v<Op>;

/// Position of an op type in the variant; the key of kernel tables.
template <typename T, size_t I = 0>
constexpr size_t op_index() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, Op>, T>)
    return I;
  else
    return op_index<T, I + 1>();
}

inline std::string_view kind_name(const Op& op) {
  return std::visit([](const auto& o) { return o.kName; }, op);
}

/// "Conv", "Unary.tanh": for profiles and messages.
std::string display_name(const Op& op);

inline Types infer_types(const Op& op, InputTypes in) {
  return std::visit([&](const auto& o) { return o.infer(in); }, op);
}

inline Cost cost_of(const Op& op, InputTypes in, OutputTypes out) {
  return std::visit([&](const auto& o) { return o.cost(in, out); }, op);
}

}  // namespace trainyard

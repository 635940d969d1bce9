#include "engine/ops/op.h"

namespace trainyard {
namespace {

std::string_view variant_of(const op::Unary& op) { return op::name_of(op.kind); }
std::string_view variant_of(const op::Binary& op) { return op::name_of(op.kind); }
std::string_view variant_of(const op::Cast& op) { return name_of(op.to); }
std::string_view variant_of(const op::Reduce& op) { return op::name_of(op.kind); }
std::string_view variant_of(const op::Pool& op) { return op::name_of(op.geometry.kind); }
std::string_view variant_of(const op::PoolGrad& op) { return op::name_of(op.geometry.kind); }
std::string_view variant_of(const op::Random& op) { return op::name_of(op.kind); }
std::string_view variant_of(const op::ImageSample& op) { return op::name_of(op.rule.fill); }
std::string_view variant_of(const op::ImageSampleGrad& op) { return op::name_of(op.rule.fill); }
std::string_view variant_of(const op::Softmax& op) { return op.log ? "log" : ""; }
std::string_view variant_of(const op::SoftmaxGrad& op) { return op.log ? "log" : ""; }
template <typename T>
std::string_view variant_of(const T&) {
  return "";
}

}  // namespace

std::string display_name(const Op& op) {
  const std::string_view variant = std::visit([](const auto& o) { return variant_of(o); }, op);
  std::string name(kind_name(op));
  if (!variant.empty()) name.append(".").append(variant);
  return name;
}

}  // namespace trainyard

#include "engine/core/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace trainyard {
namespace {

TEST(Tensor, BeginsZeroedAndAligned) {
  for (const int64_t size : {0, 1, 17, 1000}) {
    const Tensor tensor(DType::f32, {size});
    EXPECT_FALSE(tensor.empty());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % kTensorAlignment, 0u);
    for (const float value : tensor.span<float>()) EXPECT_EQ(value, 0);
  }
  EXPECT_TRUE(Tensor().empty());
}

TEST(Tensor, SharesItsMemoryUntilCloned) {
  const Tensor tensor = Tensor::of<float>({2}, {1, 2});
  const Tensor& same = tensor;
  const Tensor clone = tensor.clone();
  same.span<float>()[0] = 9;
  EXPECT_EQ(tensor.span<float>()[0], 9);
  EXPECT_EQ(clone.span<float>()[0], 1);
  EXPECT_TRUE(Tensor().clone().empty());
}

TEST(Tensor, ChangesItsShapeNotItsMemory) {
  const Tensor tensor = Tensor::of<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor reshaped = tensor.reshaped({3, 2});
  EXPECT_EQ(reshaped.shape(), Shape({3, 2}));
  EXPECT_EQ(reshaped.data(), tensor.data());
  EXPECT_THROW(tensor.reshaped({4}), InternalError);
}

TEST(Tensor, CastsElementByElement) {
  const Tensor tensor = Tensor::of<float>({4}, {1.75f, -2.5f, 0, 3});
  EXPECT_EQ(tensor.cast(DType::i32).span<int32_t>()[1], -2);
  EXPECT_EQ(tensor.cast(DType::boolean).span<bool>()[2], false);
  EXPECT_EQ(tensor.cast(DType::boolean).span<bool>()[3], true);
  EXPECT_EQ(tensor.cast(DType::f64).span<double>()[0], 1.75);
  for (const DType dtype : {DType::f16, DType::bf16, DType::f64})
    EXPECT_EQ(element_as_double(tensor.cast(dtype).view(), 1), -2.5) << name_of(dtype);
  EXPECT_EQ(tensor.cast(DType::f32).data(), tensor.data());
}

TEST(Tensor, RefusesASpanOfAnotherType) {
  const Tensor tensor(DType::f32, {1});
  EXPECT_THROW(tensor.span<int32_t>(), InternalError);
  EXPECT_THROW(Tensor::of<float>({3}, {1, 2}), InternalError);
}

TEST(TensorView, CountsElementsAndBytes) {
  const Tensor tensor(DType::f64, {2, 5});
  EXPECT_EQ(tensor.view().elements(), 10);
  EXPECT_EQ(tensor.view().bytes(), 80u);
}

}  // namespace
}  // namespace trainyard

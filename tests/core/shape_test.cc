#include "engine/core/shape.h"

#include <gtest/gtest.h>

namespace trainyard {
namespace {

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape({2, 3, 4}).elements(), 24);
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ(Shape({5, 0, 7}).elements(), 0);
  EXPECT_EQ(Shape({2, 3, 4}).elements_in(1, 3), 12);
}

TEST(Shape, ReadsAsKerasPrintsIt) {
  EXPECT_EQ(Shape({kUnknown, 28, 28, 1}).text(), "(None, 28, 28, 1)");
  EXPECT_EQ(Shape({4}).text(), "(4,)");
  EXPECT_EQ(Shape().text(), "()");
}

TEST(Shape, IsCutAndExtended) {
  EXPECT_EQ(Shape({2, 3, 4}).slice(1, 2), Shape({3}));
  EXPECT_EQ(Shape({2, 3, 4}).drop_front(), Shape({3, 4}));
  EXPECT_EQ(Shape({3, 4}).with_front(7), Shape({7, 3, 4}));
}

TEST(Shape, StridesOverRowsFirst) {
  EXPECT_EQ(Shape({2, 3, 4}).strides(), (std::vector<int64_t>{12, 4, 1}));
  EXPECT_TRUE(Shape().strides().empty());
}

TEST(Shape, KnowsWhatIsUnknown) {
  EXPECT_FALSE(Shape({kUnknown, 3}).is_known());
  EXPECT_TRUE(Shape({0, 3}).is_known());
  EXPECT_NE(Shape({kUnknown, 3}), Shape({1, 3}));
}

TEST(Axis, CountsFromTheEndWhenNegative) {
  EXPECT_EQ(resolve_axis(-1, 4), 3);
  EXPECT_EQ(resolve_axis(2, 4), 2);
  EXPECT_EQ(resolve_axis(4, 4), -1);
  EXPECT_EQ(resolve_axis(-5, 4), -1);
}

}  // namespace
}  // namespace trainyard

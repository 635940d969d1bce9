// Convolutions of one to three dimensions as sums over the window's places, with the arguments that golden cases leave at their
// defaults: groups, dilation, output_padding, multipliers, no bias.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

using Index = std::vector<int64_t>;

/// Visits every index below `sizes`, the last one fastest.
void for_each_index(const Index& sizes, const std::function<void(const Index&)>& visit) {
  Index at(sizes.size(), 0);
  for (const int64_t size : sizes)
    if (size == 0) return;
  while (true) {
    visit(at);
    size_t axis = sizes.size();
    while (axis > 0 && ++at[axis - 1] == sizes[axis - 1]) at[--axis] = 0;
    if (axis == 0) return;
  }
}

struct Grid {
  Index sizes;
  std::vector<double> values;

  explicit Grid(Index given) : sizes(std::move(given)) {
    int64_t count = 1;
    for (const int64_t size : sizes) count *= size;
    values.assign(static_cast<size_t>(count), 0);
  }
  explicit Grid(const Tensor& tensor)
      : sizes(tensor.shape().dims()), values(tensor.span<double>().begin(), tensor.span<double>().end()) {}

  double& at(const Index& index) {
    int64_t place = 0;
    for (size_t i = 0; i < sizes.size(); ++i) place = place * sizes[i] + index[i];
    return values[static_cast<size_t>(place)];
  }
  bool holds(const Index& index) const {
    for (size_t i = 0; i < sizes.size(); ++i)
      if (index[i] < 0 || index[i] >= sizes[i]) return false;
    return true;
  }
};

/// One number for each dimension.
struct Sliding {
  Index stride;
  Index dilation;
  bool same = false;

  int64_t reach(size_t axis, const Grid& w) const { return (w.sizes[axis] - 1) * dilation[axis] + 1; }
};

/// x: [n, d1.., c]  w: [k1.., c / groups, f] -> [n, e1.., f]
Grid convolved(Grid x, Grid w, const Sliding& sliding, int64_t groups) {
  const size_t rank = sliding.stride.size();
  Index sizes{x.sizes[0]};
  Index before;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t size = x.sizes[i + 1];
    const int64_t reach = sliding.reach(i, w);
    const int64_t out =
        sliding.same ? (size + sliding.stride[i] - 1) / sliding.stride[i] : (size - reach) / sliding.stride[i] + 1;
    sizes.push_back(out);
    before.push_back(sliding.same ? std::max<int64_t>((out - 1) * sliding.stride[i] + reach - size, 0) / 2 : 0);
  }
  sizes.push_back(w.sizes.back());
  Grid y(sizes);
  const int64_t inner = w.sizes[rank];
  const int64_t filters = w.sizes[rank + 1] / groups;
  for_each_index(y.sizes, [&](const Index& at) {
    for_each_index({w.sizes.begin(), w.sizes.begin() + static_cast<std::ptrdiff_t>(rank) + 1}, [&](const Index& k) {
      Index from{at[0]};
      Index weight(k);
      for (size_t i = 0; i < rank; ++i)
        from.push_back(at[i + 1] * sliding.stride[i] + k[i] * sliding.dilation[i] - before[i]);
      from.push_back(at.back() / filters * inner + k[rank]);
      weight.push_back(at.back());
      if (x.holds(from)) y.at(at) += x.at(from) * w.at(weight);
    });
  });
  return y;
}

/// Each pixel of x spreads the window. x: [n, d1.., c]  w: [k1.., f, c]
Grid spread(Grid x, Grid w, const Sliding& sliding) {
  const size_t rank = sliding.stride.size();
  Index sizes{x.sizes[0]};
  for (size_t i = 0; i < rank; ++i) sizes.push_back((x.sizes[i + 1] - 1) * sliding.stride[i] + sliding.reach(i, w));
  sizes.push_back(w.sizes[rank]);
  Grid y(sizes);
  for_each_index(x.sizes, [&](const Index& at) {
    for_each_index({w.sizes.begin(), w.sizes.begin() + static_cast<std::ptrdiff_t>(rank) + 1}, [&](const Index& k) {
      Index to{at[0]};
      Index weight(k);
      for (size_t i = 0; i < rank; ++i) to.push_back(at[i + 1] * sliding.stride[i] + k[i] * sliding.dilation[i]);
      to.push_back(k[rank]);
      weight.push_back(at.back());
      y.at(to) += x.at(at) * w.at(weight);
    });
  });
  return y;
}

/// y(i) = x(source(i)), or 0 where the source is outside.
Grid moved(Grid x, const Index& sizes, const std::function<int64_t(size_t axis, int64_t i)>& source) {
  Grid y(sizes);
  for_each_index(sizes, [&](const Index& at) {
    Index from(at);
    for (size_t i = 1; i + 1 < at.size(); ++i) from[i] = source(i - 1, at[i]);
    y.at(at) = x.holds(from) ? x.at(from) : 0;
  });
  return y;
}

Grid plus_bias(Grid y, const Grid& bias) {
  for (size_t i = 0; i < y.values.size(); ++i) y.values[i] += bias.values[i % bias.values.size()];
  return y;
}

constexpr size_t kRanks = 3;
const std::vector<Shape> kPictureShapes{{2, 9, 4}, {2, 7, 8, 4}, {1, 5, 6, 7, 4}};
const std::vector<Index> kKernels{{3}, {2, 3}, {2, 3, 1}};
const std::vector<Index> kStrides{{2}, {3, 2}, {1, 2, 2}};
const std::vector<Index> kDilations{{2}, {3, 2}, {2, 1, 3}};

struct Ran {
  std::vector<Grid> operands;
  Grid y;
};

Ran run(const std::string& class_name, const Json& config, const Shape& input) {
  LayerTrial trial({class_name, config, {}}, {input}, DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << class_name << config.dump() << trial.diagnostics().text();
  Ran ran{{}, Grid(trial.run(false, false).outputs.at(0))};
  for (const Tensor& operand : trial.operands()) ran.operands.emplace_back(operand);
  return ran;
}

void expect_grid(const Grid& got, const Grid& wanted, const std::string& what) {
  ASSERT_EQ(got.sizes, wanted.sizes) << what;
  for (size_t i = 0; i < got.values.size(); ++i)
    ASSERT_NEAR(got.values[i], wanted.values[i], 1e-9) << what << " at " << i;
}

/// Strides or dilation, padded or not, biased or not.
void for_each_window(size_t rank, const std::function<void(const Json& config, const Sliding& sliding)>& visit) {
  const Index ones(rank + 1, 1);
  for (const bool same : {false, true})
    for (const bool dilated : {false, true})
      for (const bool bias : {false, true}) {
        const Sliding sliding{dilated ? ones : kStrides[rank], dilated ? kDilations[rank] : ones, same};
        visit({{"kernel_size", kKernels[rank]},
               {"strides", sliding.stride},
               {"dilation_rate", sliding.dilation},
               {"padding", same ? "same" : "valid"},
               {"use_bias", bias}},
              sliding);
      }
}

std::string name_of_rank(const char* name, size_t rank, const char* end = "D") {
  return name + std::to_string(rank + 1) + end;
}

TEST(Convolution, IsASumOverTheWindowInEachGroup) {
  for (size_t rank = 0; rank < kRanks; ++rank)
    for_each_window(rank, [&](Json config, const Sliding& sliding) {
      for (const int64_t groups : {1, 2, 4}) {
        config.update({{"filters", 8}, {"groups", groups}});
        const std::string name = name_of_rank("Conv", rank);
        const Ran ran = run(name, config, kPictureShapes[rank]);
        Grid y = convolved(ran.operands[0], ran.operands[1], sliding, groups);
        if (ran.operands.size() > 2) y = plus_bias(y, ran.operands[2]);
        expect_grid(ran.y, y, name + config.dump());
      }
    });
}

TEST(DepthwiseConvolution, TakesEachChannelByItself) {
  for (size_t rank = 0; rank < 2; ++rank)
    for_each_window(rank, [&](Json config, const Sliding& given) {
      Sliding sliding = given;
      sliding.stride.assign(rank + 1,
                            given.stride[0]);  // TensorFlow's, and so Keras's, are the same for all dimensions
      config["strides"] = sliding.stride;
      for (const int64_t multiplier : {1, 3}) {
        config["depth_multiplier"] = multiplier;
        const std::string name = name_of_rank("DepthwiseConv", rank);
        const Ran ran = run(name, config, kPictureShapes[rank]);
        Grid kernel = ran.operands[1];  // [k1.., c, m]: channel c's filters are c m ..
        kernel.sizes[rank + 1] = 1;
        kernel.sizes[rank + 2] = 4 * multiplier;
        Grid y = convolved(ran.operands[0], kernel, sliding, 4);
        if (ran.operands.size() > 2) y = plus_bias(y, ran.operands[2]);
        expect_grid(ran.y, y, name + config.dump());
      }
    });
}

TEST(SeparableConvolution, IsADepthwiseOneAndThenOneOfPixels) {
  for (size_t rank = 0; rank < 2; ++rank)
    for_each_window(rank, [&](Json config, const Sliding& given) {
      Sliding sliding = given;
      sliding.stride.assign(rank + 1, given.stride[0]);
      config["strides"] = sliding.stride;
      for (const int64_t multiplier : {1, 2}) {
        config.update({{"filters", 5}, {"depth_multiplier", multiplier}});
        const std::string name = name_of_rank("SeparableConv", rank);
        const Ran ran = run(name, config, kPictureShapes[rank]);
        Grid kernel = ran.operands[1];
        kernel.sizes[rank + 1] = 1;
        kernel.sizes[rank + 2] = 4 * multiplier;
        const Index ones(rank + 1, 1);
        Grid y = convolved(convolved(ran.operands[0], kernel, sliding, 4), ran.operands[2], {ones, ones}, 1);
        if (ran.operands.size() > 3) y = plus_bias(y, ran.operands[3]);
        expect_grid(ran.y, y, name + config.dump());
      }
    });
}

/// How long the result is, by Keras's documentation: `padding` same gives as much as strides make of the input; output_padding
/// (below 0: None) says how much longer than without it the result is.
int64_t spread_size(int64_t size, int64_t stride, int64_t reach, bool same, int64_t output_padding) {
  if (output_padding >= 0) return (size - 1) * stride + reach - (same ? reach / 2 * 2 : 0) + output_padding;
  return same ? size * stride : (size - 1) * stride + std::max(reach, stride);
}

TEST(TransposedConvolution, SpreadsTheWindowFromEachPixel) {
  for (size_t rank = 0; rank < kRanks; ++rank)
    for (const bool same : {false, true})
      for (const bool dilated : {false, true})
        for (const bool bias : {false, true})
          for (const int64_t extra : {-1, 0, 1}) {
            const Index ones(rank + 1, 1);
            const Index twos(rank + 1, 2);
            const Sliding sliding{dilated ? ones : twos, dilated ? kDilations[rank] : ones};
            if (dilated && extra > 0) continue;  // padding must be below the strides
            Json config{{"filters", 3},
                        {"kernel_size", kKernels[rank]},
                        {"strides", sliding.stride},
                        {"dilation_rate", sliding.dilation},
                        {"padding", same ? "same" : "valid"},
                        {"use_bias", bias}};
            if (extra >= 0) config["output_padding"] = extra;
            const std::string name = name_of_rank("Conv", rank, "DTranspose");
            const Ran ran = run(name, config, kPictureShapes[rank]);
            const Grid all = spread(ran.operands[0], ran.operands[1], sliding);
            Index sizes = all.sizes;
            Index cut;  // before; the odd row goes at the end
            for (size_t i = 0; i <= rank; ++i) {
              const int64_t reach = sliding.reach(i, ran.operands[1]);
              sizes[i + 1] =
                  spread_size(kPictureShapes[rank][static_cast<int>(i) + 1], sliding.stride[i], reach, same, extra);
              cut.push_back(same ? std::max<int64_t>(all.sizes[i + 1] - sizes[i + 1], 0) / 2 : 0);
            }
            Grid y = moved(all, sizes, [&](size_t i, int64_t at) { return at + cut[i]; });
            if (bias) y = plus_bias(y, ran.operands[2]);
            expect_grid(ran.y, y, name + config.dump());
          }
}

// Sizes of grids

TEST(GridSizes, AreCutPaddedAndRepeatedByTheirAmounts) {
  const std::vector<std::vector<Index>> sides{{{2, 1}}, {{2, 1}, {0, 3}}, {{2, 1}, {0, 3}, {1, 2}}};
  const std::vector<Index> times{{3}, {3, 2}, {3, 1, 2}};
  for (size_t rank = 0; rank < kRanks; ++rank) {
    const Json amounts = rank == 0 ? Json(sides[0][0]) : Json(sides[rank]);
    const auto resized = [&](const std::function<int64_t(size_t axis, int64_t size)>& size) {
      Index sizes = kPictureShapes[rank].dims();
      for (size_t i = 0; i <= rank; ++i) sizes[i + 1] = size(i, sizes[i + 1]);
      return sizes;
    };
    const auto both = [&](size_t i) { return sides[rank][i][0] + sides[rank][i][1]; };
    std::string name = name_of_rank("Cropping", rank);
    Ran ran = run(name, {{"cropping", amounts}}, kPictureShapes[rank]);
    expect_grid(ran.y,
                moved(ran.operands[0], resized([&](size_t i, int64_t size) { return size - both(i); }),
                      [&](size_t i, int64_t at) { return at + sides[rank][i][0]; }),
                name);
    name = name_of_rank("ZeroPadding", rank);
    ran = run(name, {{"padding", amounts}}, kPictureShapes[rank]);
    expect_grid(ran.y,
                moved(ran.operands[0], resized([&](size_t i, int64_t size) { return size + both(i); }),
                      [&](size_t i, int64_t at) { return at - sides[rank][i][0]; }),
                name);
    name = name_of_rank("UpSampling", rank);
    ran = run(name, {{"size", rank == 0 ? Json(3) : Json(times[rank])}}, kPictureShapes[rank]);
    expect_grid(ran.y,
                moved(ran.operands[0], resized([&](size_t i, int64_t size) { return size * times[rank][i]; }),
                      [&](size_t i, int64_t at) { return at / times[rank][i]; }),
                name);
  }
}

TEST(GlobalPooling, KeepsDimensionsOfOneWhereItIsTold) {
  for (size_t rank = 0; rank < kRanks; ++rank)
    for (const bool mean : {false, true})
      for (const bool keepdims : {false, true}) {
        const std::string name = name_of_rank(mean ? "GlobalAveragePooling" : "GlobalMaxPooling", rank);
        const Ran ran = run(name, {{"keepdims", keepdims}}, kPictureShapes[rank]);
        Index sizes{kPictureShapes[rank][0], 4};
        if (keepdims) sizes.insert(sizes.begin() + 1, rank + 1, 1);
        Grid y(sizes);
        const size_t pixels = ran.operands[0].values.size() / 4 / static_cast<size_t>(sizes[0]);
        for (size_t n = 0; n < static_cast<size_t>(sizes[0]); ++n)
          for (size_t c = 0; c < 4; ++c) {
            double& pooled = y.values[n * 4 + c];
            pooled = mean ? 0 : -1e300;
            for (size_t p = 0; p < pixels; ++p) {
              const double x = ran.operands[0].values[(n * pixels + p) * 4 + c];
              pooled = mean ? pooled + x / static_cast<double>(pixels) : std::max(pooled, x);
            }
          }
        expect_grid(ran.y, y, name);
      }
}

}  // namespace
}  // namespace trainyard::testing

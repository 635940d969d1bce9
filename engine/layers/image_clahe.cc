// keras.layers.ContrastLimitedAdaptiveHistogramEqualization. K. Zuiderveld, "Contrast limited adaptive histogram
// equalization", Graphics Gems IV, 1994.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/layers/image_functions.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

constexpr int64_t kShades = 256;

/// For each pixel along one axis: the tiles before and after it, counted with one more at either end, and the weight of
/// the one after.
struct TileAxis {
  std::vector<int64_t> before, after;
  std::vector<double> share;
};

TileAxis tile_axis(int64_t tiles, int64_t tile) {
  TileAxis axis;
  for (int64_t i = 0; i < tiles * tile; ++i) {
    const double at = (static_cast<double>(i) - static_cast<double>(tile) / 2) / static_cast<double>(tile) + 1;
    const double low = std::floor(at);
    axis.share.push_back(at - low);
    axis.before.push_back(std::clamp<int64_t>(static_cast<int64_t>(low), 0, tiles + 1));
    axis.after.push_back(std::clamp<int64_t>(static_cast<int64_t>(low) + 1, 0, tiles + 1));
  }
  return axis;
}

Value integers(Graph& graph, const Shape& shape, const std::vector<int64_t>& values) {
  std::vector<int32_t> narrow(values.begin(), values.end());
  return graph.constant(Tensor::of<int32_t>(shape, narrow));
}

/// 0, 1, .. along one axis, times `step`.
Value steps(Graph& graph, const Shape& shape, int64_t step) {
  std::vector<int64_t> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(i) * step;
  return integers(graph, shape, values);
}

struct Clahe final : ImageLayer<Clahe> {
  ValueRange value_range;
  double clip_limit = 4;
  IntTuple<2> tile_grid_size{8, 8};

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Clahe>("ContrastLimitedAdaptiveHistogramEqualization", "preprocessing",
                                 "Spreads the shades of each part of a picture evenly, within limits.")
            .arg("value_range", &Clahe::value_range, kValueRangeDoc)
            .arg("clip_limit", &Clahe::clip_limit,
                 "How many times as frequent as on average a shade may count; 0 or less: no limit.")
            .arg("tile_grid_size", &Clahe::tile_grid_size, "How many parts down and across.", {.min = 1, .max = 64})
            .arg("data_format", &Clahe::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &Clahe::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .summary({"tile_grid_size"})
            .build();
    return kInfo;
  }
  void call(CallContext& context) const override {
    change_pictures(context, [&](Pictures& pictures) {
      pictures.images = rescale(equalized(rescale(pictures.images, value_range, kBytes)), kBytes, value_range);
    });
  }

 private:
  /// x: [n, h, w, c], values in [0, 255]. Pictures are made to fit the grid by mirroring their last rows and columns.
  Value equalized(Value x) const {
    const int64_t h = x.shape()[1];
    const int64_t w = x.shape()[2];
    const int64_t tall = (h + tile_grid_size[0] - 1) / tile_grid_size[0];
    const int64_t wide = (w + tile_grid_size[1] - 1) / tile_grid_size[1];
    const Value shades =
        cast(clip(extended(x, tall * tile_grid_size[0], wide * tile_grid_size[1]), 0, 255), DType::i32);
    const Value tables = with_border(tile_tables(shades, tall, wide, x.dtype()));
    return cropped_to(looked_up(shades, tables, tall, wide), h, w);
  }

  static Value extended(Value x, int64_t height, int64_t width) {
    if (x.shape()[1] == height && x.shape()[2] == width) return x;
    const PixelGrid grid = pixel_grid(x.graph(), height, width, x.dtype());
    const Value at =
        concat({broadcast_to(grid.rows, {1, height, width, 1}), broadcast_to(grid.columns, {1, height, width, 1})}, 3);
    return image_sample(x, at, {.fill = op::SampleFill::reflect, .bilinear = false});
  }

  static Value cropped_to(Value x, int64_t height, int64_t width) {
    return slice(x, {0, 0, 0, 0}, {x.shape()[0], height, width, x.shape()[3]});
  }

  /// What each shade becomes in each tile. shades: i32 [n, h, w, c] -> [n, rows, columns, c, 256]
  Value tile_tables(Value shades, int64_t tall, int64_t wide, DType dtype) const {
    Graph& graph = shades.graph();
    const int64_t n = shades.shape()[0];
    const int64_t c = shades.shape()[3];
    const int64_t rows = tile_grid_size[0];
    const int64_t columns = tile_grid_size[1];
    const int64_t row_step = columns * c * kShades;
    const auto along = [](int64_t count, int64_t tile, int64_t step) {
      std::vector<int64_t> values;
      for (int64_t i = 0; i < count * tile; ++i) values.push_back(i / tile * step);
      return values;
    };
    const Value place = integers(graph, {1, rows * tall, 1, 1}, along(rows, tall, row_step)) +
                        integers(graph, {1, 1, columns * wide, 1}, along(columns, wide, c * kShades)) +
                        steps(graph, {1, 1, 1, c}, kShades) + steps(graph, {n, 1, 1, 1}, rows * row_step);
    const int64_t tables = n * rows * columns * c;
    Value counts = reshape(count_numbers(shades + place, tables * kShades, dtype), {tables, kShades});
    const auto pixels = static_cast<double>(tall * wide);
    if (clip_limit > 0) {
      const Value limited = clip(counts, 0, clip_limit * pixels / kShades);
      counts = limited + sum(counts - limited, {1}, true) / static_cast<double>(kShades);
    }
    const Value sums = cumulative_sum(counts);
    const Value least = reduce(op::ReduceKind::min, sums, {1}, true);
    const Value rest = pixels - least;
    const Value table = clip((sums - least) * 255.0 / select(equal(rest, 0.0), 1.0, rest), 0, 255);
    return reshape(table, {n, rows, columns, c, kShades});
  }

  /// One more tile all around, as its neighbour.
  static Value with_border(Value tables) {
    for (const int axis : {1, 2}) {
      std::vector<int64_t> start(5, 0);
      std::vector<int64_t> sizes = tables.shape().dims();
      sizes[static_cast<size_t>(axis)] = 1;
      const Value first = slice(tables, start, sizes);
      start[static_cast<size_t>(axis)] = tables.shape()[axis] - 1;
      tables = concat({first, tables, slice(tables, start, sizes)}, axis);
    }
    return tables;
  }

  /// Blends what the four tiles around a pixel make of it. tables: [n, rows + 2, columns + 2, c, 256]
  Value looked_up(Value shades, Value tables, int64_t tall, int64_t wide) const {
    Graph& graph = shades.graph();
    const Shape& size = tables.shape();
    const int64_t column_step = size[3] * kShades;
    const int64_t row_step = size[2] * column_step;
    const TileAxis down = tile_axis(tile_grid_size[0], tall);
    const TileAxis across = tile_axis(tile_grid_size[1], wide);
    const auto placed = [&](const std::vector<int64_t>& tiles, int64_t step, bool rows) {
      std::vector<int64_t> values(tiles);
      for (int64_t& value : values) value *= step;
      const auto count = static_cast<int64_t>(values.size());
      return integers(graph, rows ? Shape{1, count, 1, 1} : Shape{1, 1, count, 1}, values);
    };
    const Value base =
        shades + (steps(graph, {size[0], 1, 1, 1}, size[1] * row_step) + steps(graph, {1, 1, 1, size[3]}, kShades));
    const Value flat = reshape(tables, {size.elements()});
    const auto seen = [&](const std::vector<int64_t>& row, const std::vector<int64_t>& column) {
      return gather(flat, base + (placed(row, row_step, true) + placed(column, column_step, false)));
    };
    const auto share_of = [&](const std::vector<double>& share, const Shape& shape) {
      return graph.constant(Tensor::of<double>(shape, share).cast(tables.dtype()));
    };
    const Value x_share = share_of(across.share, {1, 1, static_cast<int64_t>(across.share.size()), 1});
    const Value y_share = share_of(down.share, {1, static_cast<int64_t>(down.share.size()), 1, 1});
    const Value top = seen(down.before, across.before) * (1.0 - x_share) + seen(down.before, across.after) * x_share;
    const Value bottom = seen(down.after, across.before) * (1.0 - x_share) + seen(down.after, across.after) * x_share;
    return top * (1.0 - y_share) + bottom * y_share;
  }
};

}  // namespace

LayerClasses histogram_layers() { return {&Clahe::declaration()}; }

}  // namespace trainyard

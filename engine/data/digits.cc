#include "engine/data/digits.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/core/philox.h"
#include "engine/data/digit_strokes.h"
#include "engine/data/pen.h"

// Sines and exponentials differ between C libraries, so there are none here: only operations that IEEE 754 rounds alike
// everywhere. That is what makes the same digits in a page as natively.

namespace trainyard {
namespace {

constexpr uint32_t kDigitStream = 0xd1617500;
constexpr uint64_t kBlocksOfEach = uint64_t{1} << 16;  // random blocks that one digit may use
constexpr int kStepsOfSpan = 5;
constexpr int64_t kCountLimit = 10'000'000;

/// Random numbers of one digit, in the order of asking.
class Draw {
 public:
  Draw(uint64_t seed, uint64_t index) : random_{seed, kDigitStream, 0}, next_(index * kBlocksOfEach) {}

  uint32_t word() {
    if (used_ == 4) {
      block_ = random_.block(next_++);
      used_ = 0;
    }
    return block_[used_++];
  }
  /// In [low, high).
  float uniform(float low, float high) { return low + (high - low) * (static_cast<float>(word() >> 8) * 0x1p-24f); }
  /// Nearly normal, within 3.4 deviations: the sum of four uniform numbers.
  float normal(float mean, float deviation) {
    const uint32_t a = word();
    const uint32_t b = word();
    const uint32_t sum = (a & 0xffffu) + (a >> 16) + (b & 0xffffu) + (b >> 16);
    return mean + deviation * 1.7320508f * (static_cast<float>(sum) * 0x1p-16f - 2.0f);
  }
  bool happens(float probability) { return uniform(0, 1) < probability; }

 private:
  Philox random_;
  uint64_t next_;
  PhiloxBlock block_{};
  size_t used_ = 4;
};

/// A smooth wave of period 1 and height 1, two parabolas.
float wave(float t) {
  const float phase = t - std::floor(t);
  return phase < 0.5f ? 16.0f * phase * (0.5f - phase) : 16.0f * (phase - 0.5f) * (phase - 1.0f);
}

/// How this writer, today, bends a digit.
struct Hand {
  explicit Hand(Draw& draw)
      : slant(draw.normal(0.12f, 0.26f)),
        aspect(draw.uniform(0.55f, 1.3f)),
        taper(draw.normal(0, 0.16f)),
        lift(draw.normal(0, 0.22f)),
        sway(draw.normal(0, 0.12f)),
        turn(draw.normal(0, 0.09f)),
        bow(draw.normal(0, 0.12f)),
        ripple_x(draw.normal(0, 0.03f)),
        ripple_y(draw.normal(0, 0.03f)),
        phase_x(draw.uniform(0, 1)),
        phase_y(draw.uniform(0, 1)),
        pitch_x(draw.uniform(0.5f, 1.2f)),
        pitch_y(draw.uniform(0.5f, 1.2f)),
        unrest(draw.uniform(0.01f, 0.065f)),
        tremor(draw.uniform(0.0f, 0.009f)),
        radius(draw.uniform(0.75f, 1.2f) + draw.uniform(0, 1.3f) * draw.uniform(0, 1.3f) +
               (draw.happens(0.07f) ? draw.uniform(0, 1.2f) : 0.0f)),
        pressure(draw.normal(0, 0.13f)),
        softness(draw.uniform(0.85f, 1.35f)),
        roughness(draw.uniform(0.0f, 0.22f)) {}

  float slant;   // x per y
  float aspect;  // width by height
  float taper;   // wider below than above
  float lift;    // upper half larger than the lower
  float sway;    // right half larger than the left
  float turn;    // tangent of the rotation
  float bow;     // the digit's axis is curved
  float ripple_x, ripple_y, phase_x, phase_y, pitch_x, pitch_y;
  float unrest;     // deviation of the points from the style's
  float tremor;     // deviation from point to point
  float radius;     // of the pen, in pixels of the finished picture
  float pressure;   // change of the radius along a stroke
  float softness;   // width of the rim, in pixels
  float roughness;  // of the rim, in pixels

  /// From the style's box to the paper, in heights of the digit.
  PenPoint place(PenPoint p) const {
    const float u = p.x + ripple_x * wave(pitch_x * p.y + phase_x);
    const float v = p.y + ripple_y * wave(pitch_y * p.x + phase_y);
    const float x = u + sway * u * (1.0f - u) - 0.5f;
    const float y = v + lift * v * (1.0f - v) - 0.5f;
    const float wide = aspect * x * (1.0f + 2.0f * taper * y) - slant * y + bow * (0.25f - y * y);
    return {wide - turn * y, y + turn * wide, false};
  }
};

/// The point between b and c, at `t` in [0, 1], of a smooth curve through a, b, c, d (Catmull and Rom).
PenPoint between(const PenPoint& a, const PenPoint& b, const PenPoint& c, const PenPoint& d, float t) {
  const auto blend = [t](float p, float q, float r, float s) {
    const float linear = r - p;
    const float square = 2.0f * p - 5.0f * q + 4.0f * r - s;
    const float cube = 3.0f * (q - r) + s - p;
    return q + 0.5f * t * (linear + t * (square + t * cube));
  };
  return {blend(a.x, b.x, c.x, d.x), blend(a.y, b.y, c.y, d.y), false};
}

/// The stroke as a fine polyline. At a corner and at the ends the curve runs out straight.
Stroke smooth(const Stroke& points) {
  Stroke line{points.front()};
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    const PenPoint& from = points[i];
    const PenPoint& to = points[i + 1];
    const PenPoint& before = i == 0 || from.corner ? from : points[i - 1];
    const PenPoint& after = i + 2 == points.size() || to.corner ? to : points[i + 2];
    for (int step = 1; step <= kStepsOfSpan; ++step)
      line.push_back(between(before, from, to, after, static_cast<float>(step) / kStepsOfSpan));
  }
  return line;
}

const DigitStyle& choose_style(int32_t digit, Draw& draw) {
  float total = 0;
  for (const DigitStyle& style : digit_styles())
    if (style.digit == digit) total += style.weight;
  float left = draw.uniform(0, total);
  const DigitStyle* chosen = nullptr;
  for (const DigitStyle& style : digit_styles()) {
    if (style.digit != digit) continue;
    chosen = &style;
    left -= style.weight;
    if (left < 0) break;
  }
  return *chosen;
}

std::vector<Stroke> write(const DigitStyle& style, const Hand& hand, Draw& draw) {
  std::vector<Stroke> lines;
  for (const Stroke& stroke : style.strokes) {
    Stroke points = stroke;
    // Strokes after the first begin where the hand happens to come down.
    const float offset = lines.empty() ? 0.0f : 0.03f;
    const float move_x = draw.normal(0, offset);
    const float move_y = draw.normal(0, offset);
    for (PenPoint& point : points) {
      point.x += move_x + draw.normal(0, hand.unrest);
      point.y += move_y + draw.normal(0, hand.unrest);
    }
    Stroke line = smooth(points);
    for (PenPoint& point : line) {
      point = hand.place(point);
      point.x += draw.normal(0, hand.tremor);
      point.y += draw.normal(0, hand.tremor);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

/// Scales and moves the lines so that the ink fills the longer side of the box of 20 pixels.
void fit(std::vector<Stroke>& lines, float radius) {
  float left = 1e9f, right = -1e9f, top = 1e9f, bottom = -1e9f;
  for (const Stroke& line : lines)
    for (const PenPoint& point : line) {
      left = std::min(left, point.x);
      right = std::max(right, point.x);
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
  const float scale = (static_cast<float>(kInkBox) - 2.0f * radius) / std::max({right - left, bottom - top, 1e-3f});
  constexpr float kMiddle = (kInkSize - 1) / 2.0f;
  for (Stroke& line : lines)
    for (PenPoint& point : line) {
      point.x = (point.x - (left + right) / 2.0f) * scale + kMiddle;
      point.y = (point.y - (top + bottom) / 2.0f) * scale + kMiddle;
    }
}

PenCanvas ink_lines(const std::vector<Stroke>& lines, const Hand& hand) {
  PenCanvas canvas;
  for (const Stroke& line : lines)
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      const float along = static_cast<float>(i) / static_cast<float>(line.size()) - 0.5f;
      canvas.draw(
          {line[i].x, line[i].y, line[i + 1].x, line[i + 1].y, hand.radius * (1.0f + 2.0f * hand.pressure * along)});
    }
  return canvas;
}

/// Ink from distances: full inside, fading over the rim, which is a little rough.
InkPicture develop(const PenCanvas& canvas, const Hand& hand, Draw& draw) {
  InkPicture picture{};
  for (size_t i = 0; i < picture.size(); ++i) {
    const float rim = canvas.rim()[i];
    if (rim > PenCanvas::kReach) continue;
    const float rough = rim > -1.0f ? rim + hand.roughness * draw.uniform(-1, 1) : rim;
    picture[i] = std::clamp(0.5f - rough / hand.softness, 0.0f, 1.0f);
  }
  return picture;
}

/// A shift by one pixel at times: the centre of mass of real ink is not that of ours.
InkPicture nudge(const InkPicture& picture, Draw& draw) {
  if (!draw.happens(0.25f)) return picture;
  const int dx = static_cast<int>(draw.uniform(0, 3)) - 1;
  const int dy = static_cast<int>(draw.uniform(0, 3)) - 1;
  InkPicture moved{};
  for (int y = 1; y + 1 < kInkSize; ++y)
    for (int x = 1; x + 1 < kInkSize; ++x)
      moved[static_cast<size_t>((y + dy) * kInkSize + x + dx)] = picture[static_cast<size_t>(y * kInkSize + x)];
  return moved;
}

}  // namespace

int32_t draw_digit(uint64_t seed, uint64_t index, std::span<uint8_t, kInkSize * kInkSize> pixels) {
  Draw draw(seed, index);
  const auto digit = static_cast<int32_t>((uint64_t{draw.word()} * 10) >> 32);
  const DigitStyle& style = choose_style(digit, draw);
  const Hand hand(draw);
  std::vector<Stroke> lines = write(style, hand, draw);
  fit(lines, hand.radius);
  const InkPicture picture = nudge(centre_ink(develop(ink_lines(lines, hand), hand, draw)), draw);
  std::transform(picture.begin(), picture.end(), pixels.begin(), ink_byte);
  return digit;
}

void draw_digits(uint64_t seed, uint64_t first, const Tensor& x, const Tensor& y, ThreadPool* pool) {
  constexpr int64_t kPixels = kInkSize * kInkSize;
  constexpr int64_t kOfBlock = 64;
  const int64_t count = y.elements();
  check(x.elements() == count * kPixels, "a picture for every label");
  auto* pixels = x.span<uint8_t>().data();
  auto* labels = y.span<int32_t>().data();
  const auto draw_block = [&](int64_t block, int) {
    for (int64_t i = block * kOfBlock; i < std::min(count, (block + 1) * kOfBlock); ++i)
      labels[i] = draw_digit(seed, first + static_cast<uint64_t>(i),
                             std::span<uint8_t, kPixels>(pixels + i * kPixels, kPixels));
  };
  const int64_t blocks = (count + kOfBlock - 1) / kOfBlock;
  if (pool != nullptr)
    pool->parallel_for(blocks, draw_block);
  else
    for (int64_t block = 0; block < blocks; ++block) draw_block(block, 0);
}

Dataset digits(const DigitsOptions& options, ThreadPool* pool) {
  for (const int64_t count : {options.train, options.test})
    if (count < 0 || count > kCountLimit)
      throw UserError("data.sample_count", "digits",
                      {{"count", std::to_string(count)}, {"limit", std::to_string(kCountLimit)}});
  Dataset dataset;
  dataset.name = "digits";
  dataset.source = "drawn by the engine, seed " + std::to_string(options.seed);
  dataset.scale = 1.0 / 255;
  for (int digit = 0; digit < 10; ++digit) dataset.labels.push_back(std::to_string(digit));
  dataset.x_train = Tensor(DType::u8, {options.train, kInkSize, kInkSize, 1});
  dataset.y_train = Tensor(DType::i32, {options.train});
  dataset.x_test = Tensor(DType::u8, {options.test, kInkSize, kInkSize, 1});
  dataset.y_test = Tensor(DType::i32, {options.test});
  draw_digits(options.seed, 0, dataset.x_train, dataset.y_train, pool);
  draw_digits(options.seed, kFirstTestDigit, dataset.x_test, dataset.y_test, pool);
  check_dataset(dataset);
  return dataset;
}

}  // namespace trainyard

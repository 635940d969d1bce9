// What comes with pictures goes where the pictures go: boxes are held against the pixels that they were drawn around, masks
// against pictures, labels against the shares that blended pictures show.
#include <algorithm>
#include <cmath>

#include "engine/layers/picture_boxes.h"
#include "tests/layers/picture_dictionary.h"

namespace trainyard::testing {
namespace {

constexpr int64_t kMarked = 24;

/// A rectangle for each picture, all within a margin.
struct Marks {
  int64_t height, width, margin;
  Edges of(int64_t n) const {
    const auto spread = [&](int64_t step, int64_t size) { return margin + (n * step) % std::max<int64_t>(size, 1); };
    const int64_t left = spread(5, width - 2 * margin - 7);
    const int64_t top = spread(3, height - 2 * margin - 6);
    return {static_cast<double>(left), static_cast<double>(top), static_cast<double>(left + 4 + n % 3),
            static_cast<double>(top + 3 + n % 4)};
  }
};

/// Pictures of ones in rectangles, the same as masks, and boxes around them with labels 7 and 8.
Dictionary marked_pictures(const Marks& marks) {
  const Picture x = picture({kMarked, marks.height, marks.width, 1}, [&](auto n, auto r, auto c, auto) {
    const Edges at = marks.of(n);
    const auto row = static_cast<double>(r);
    const auto column = static_cast<double>(c);
    return row >= at.top && row < at.bottom && column >= at.left && column < at.right ? 1.0 : 0.0;
  });
  Picture boxes{{kMarked, 2, 4}, {}};
  Picture labels{{kMarked, 2}, {}};
  for (int64_t n = 0; n < kMarked; ++n) {
    const Edges at = marks.of(n);
    boxes.values.insert(boxes.values.end(), {at.left, at.top, at.right, at.bottom});
    boxes.values.insert(boxes.values.end(),
                        {0, 0, static_cast<double>(marks.width), static_cast<double>(marks.height)});
    labels.values.insert(labels.values.end(), {7, 8});
  }
  return {{kImages, x}, {kMasks, x}, {kBoxes, boxes}, {kBoxLabels, labels}};
}

// Boxes

/// One box of a picture of 10 rows and 8 columns, written each way by hand.
TEST(BoxFormats, SayTheSameBoxEachInItsWay) {
  const std::vector<std::vector<double>> written{{2, 1, 6, 7},           {1, 2, 7, 6},          {2, 1, 4, 6},
                                                 {4, 4, 4, 6},           {4, 4, 6, 4},          {0.25, 0.1, 0.75, 0.7},
                                                 {0.1, 0.25, 0.7, 0.75}, {0.25, 0.1, 0.5, 0.6}, {0.5, 0.4, 0.5, 0.6}};
  const PictureSize size{10, 8};
  ASSERT_EQ(choice_names(BoxFormat{}).size(), written.size());
  for (size_t i = 0; i < written.size(); ++i)
    for (size_t j = 0; j < written.size(); ++j) {
      Graph graph;
      const Value given = graph.input("x", {DType::f64, {1, 1, 4}});
      const Value result =
          boxes_of(corners_of(given, static_cast<BoxFormat>(i), size), static_cast<BoxFormat>(j), size);
      const int id = result.id();
      const auto y = run_graph(std::move(graph), {Tensor::of<double>({1, 1, 4}, written[i])}, {Value(nullptr, id)});
      for (size_t k = 0; k < 4; ++k)
        EXPECT_NEAR(y[0].span<double>()[k], written[j][k], 1e-12)
            << choice_names(BoxFormat{})[i] << " to " << choice_names(BoxFormat{})[j];
    }
}

TEST(MovedBoxes, AreExactWhereWholePixelsMove) {
  const std::vector<std::pair<const char*, Json>> layers{
      {"RandomFlip", {{"mode", "horizontal"}}},
      {"RandomFlip", {{"mode", "vertical"}}},
      {"RandomFlip", {{"mode", "horizontal_and_vertical"}}},
      {"CenterCrop", {{"height", 9}, {"width", 11}}},
      {"RandomCrop", {{"height", 9}, {"width", 11}}},
  };
  const Dictionary given = marked_pictures({16, 20, 0});
  for (auto [name, config] : layers) {
    config["bounding_box_format"] = "xyxy";
    const Dictionary y = apply(name, config, given);
    int cut = 0;
    for (int64_t n = 0; n < kMarked; ++n) {
      const Edges seen = marked(y.at(kImages), n);
      const Edges box = edges_at(y.at(kBoxes), n, 0);
      const auto label = y.at(kBoxLabels).values[static_cast<size_t>(2 * n)];
      cut += seen.area() == 0 ? 1 : 0;
      if (seen.area() == 0) {
        EXPECT_EQ(box.area(), 0) << name << " " << n;
        EXPECT_EQ(label, std::string(name) == "RandomCrop" ? 7 : -1) << name << " " << n;
        continue;
      }
      EXPECT_EQ(label, 7);
      EXPECT_NEAR(box.left, seen.left, 1e-9) << name << " " << n;
      EXPECT_NEAR(box.top, seen.top, 1e-9) << name << " " << n;
      EXPECT_NEAR(box.right, seen.right, 1e-9) << name << " " << n;
      EXPECT_NEAR(box.bottom, seen.bottom, 1e-9) << name << " " << n;
      const Edges whole = edges_at(y.at(kBoxes), n, 1);
      const Shape& size = y.at(kImages).shape;
      EXPECT_NEAR(whole.area(), static_cast<double>(size[1] * size[2]), 1e-9) << name;
    }
    if (std::string(name) == "CenterCrop") {
      EXPECT_GT(cut, 0);
    }
    EXPECT_LT(cut, kMarked / 2) << name;
    expect_same(y.at(kMasks), y.at(kImages));
  }
}

TEST(MovedBoxes, AreWrittenAsTheyWere) {
  // the same flips, told in every format
  const Dictionary given = marked_pictures({16, 20, 1});
  const Dictionary plain = apply("RandomFlip", {{"bounding_box_format", "xyxy"}}, given);
  const auto rewritten = [](const Picture& boxes, BoxFormat from, BoxFormat to) {
    Graph graph;
    const Value x = graph.input("x", {DType::f64, boxes.shape});
    const Value y = boxes_of(corners_of(x, from, {16, 20}), to, {16, 20});
    const int id = y.id();
    const auto result =
        run_graph(std::move(graph), {Tensor::of<double>(boxes.shape, boxes.values)}, {Value(nullptr, id)});
    const auto values = result[0].span<double>();
    return Picture{boxes.shape, {values.begin(), values.end()}};
  };
  for (size_t i = 0; i < choice_names(BoxFormat{}).size(); ++i) {
    const auto format = static_cast<BoxFormat>(i);
    Dictionary told = given;
    told[kBoxes] = rewritten(given.at(kBoxes), BoxFormat::xyxy, format);
    const Dictionary y = apply("RandomFlip", {{"bounding_box_format", choice_names(format)[i]}}, told);
    expect_same(rewritten(y.at(kBoxes), format, BoxFormat::xyxy), plain.at(kBoxes));
  }
}

/// Straight edges stay straight, so a box around moved corners is one around moved pixels, up to a pixel or two (edges are moved
/// as if they were pixels' middles, as in Keras).
TEST(MovedBoxes, AreAroundWhatTheyWereAround) {
  const Json still{{"fill_mode", "constant"}, {"interpolation", "nearest"}};
  const auto with_still = [&](Json config) {
    config.update(still);
    return config;
  };
  const std::vector<std::pair<const char*, Json>> layers{
      {"RandomTranslation", with_still({{"height_factor", 0.3}, {"width_factor", 0.4}})},
      {"RandomRotation", with_still({{"factor", 0.5}})},
      {"RandomZoom", with_still({{"height_factor", 0.3}, {"width_factor", 0.2}})},
      {"RandomShear", with_still({{"x_factor", 0.3}, {"y_factor", 0.2}})},
      {"RandomPerspective", {{"factor", {1, 1}}, {"scale", 0.4}, {"interpolation", "nearest"}}},
      {"RandAugment", {{"num_ops", 1}, {"factor", 0.15}, {"interpolation", "nearest"}}},
  };
  const double most = 2;
  for (auto [name, config] : layers) {
    config["bounding_box_format"] = "xyxy";
    const bool mixed = std::string(name) == "RandAugment";
    const Dictionary given = marked_pictures({40, 48, mixed ? 14 : 8});
    int changed = 0;
    for (int seed = 1; seed <= (mixed ? 12 : 1); ++seed) {
      config["seed"] = seed;
      const Dictionary y = apply(name, config, given);
      for (int64_t n = 0; n < kMarked; ++n) {
        const Edges seen = marked(y.at(kMasks), n);
        const Edges box = edges_at(y.at(kBoxes), n, 0);
        changed += std::abs(box.left - edges_at(given.at(kBoxes), n, 0).left) > 0.1 ? 1 : 0;
        if (seen.area() == 0) {
          EXPECT_LT(std::min(box.right - box.left, box.bottom - box.top), most) << name << " " << n;
          continue;
        }
        EXPECT_NEAR(box.left, seen.left, most) << name << " " << n;
        EXPECT_NEAR(box.top, seen.top, most) << name << " " << n;
        EXPECT_NEAR(box.right, seen.right, most) << name << " " << n;
        EXPECT_NEAR(box.bottom, seen.bottom, most) << name << " " << n;
      }
    }
    EXPECT_GT(changed, kMarked / 2) << name;
  }
}

/// Numbers by hand: 6 rows and 8 columns into 12 by 4.
TEST(Resizing, TakesBoxesAlong) {
  const Dictionary given{{kImages, picture({1, 6, 8, 1}, [](auto...) { return 1.0; })},
                         {kBoxes, {{1, 4, 4}, {2, 1, 6, 4, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 8, 6}}},
                         {kBoxLabels, {{1, 4}, {3, 5, 5, 4}}}};
  const auto resized = [&](const char* how) {
    Json config{{"height", 12}, {"width", 4}, {"bounding_box_format", "xyxy"}};
    if (*how != 0) config[how] = true;
    return apply("Resizing", config, given);
  };
  const auto expect_boxes = [](const Dictionary& y, std::vector<double> boxes, std::vector<double> labels) {
    expect_same(y.at(kBoxes), {{1, 4, 4}, std::move(boxes)});
    expect_same(y.at(kBoxLabels), {{1, 4}, std::move(labels)});
  };
  // width halved, height doubled; what only fills up becomes nothing
  expect_boxes(resized(""), {1, 2, 3, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 12}, {3, -1, -1, 4});
  // doubled to 12 by 16, of which 4 columns are kept from the 6th on
  expect_boxes(resized("crop_to_aspect_ratio"), {0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 12}, {3, -1, -1, 4});
  // halved to 3 by 4, four rows above (12 - 3 = 9, and Keras takes whole ones)
  expect_boxes(resized("pad_to_aspect_ratio"), {1, 4.5, 3, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 7}, {3, -1, -1, 4});
}

TEST(CenterCrop, EnlargesBoxesWithPicturesThatAreTooSmall) {
  // 4 rows and 8 columns: 4 by 4 in the middle, three times as large
  const Dictionary given{{kImages, picture({1, 4, 8, 1}, [](auto...) { return 1.0; })},
                         {kBoxes, {{1, 2, 4}, {3, 1, 5, 2, 0, 0, 1, 4}}},
                         {kBoxLabels, {{1, 2}, {3, 5}}}};
  const Dictionary y = apply("CenterCrop", {{"height", 12}, {"width", 12}, {"bounding_box_format", "xyxy"}}, given);
  expect_same(y.at(kBoxes), {{1, 2, 4}, {3, 3, 9, 6, 0, 0, 0, 12}});
  expect_same(y.at(kBoxLabels), {{1, 2}, {3, -1}});
}

TEST(MaxNumBoundingBoxes, CountsTheBoxesOfADictionary) {
  const Dictionary given{{kImages, noise({1, 2, 3, 1})},
                         {kLabels, {{1}, {6}}},
                         {kBoxes, {{1, 2, 4}, {3, 1, 5, 2, 0, 0, 1, 4}}},
                         {kBoxLabels, {{1, 2}, {3, 5}}}};
  Dictionary y = apply("MaxNumBoundingBoxes", {{"max_number", 1}}, given);
  expect_same(y.at(kBoxes), {{1, 1, 4}, {3, 1, 5, 2}});
  expect_same(y.at(kBoxLabels), {{1, 1}, {3}});
  expect_same(y.at(kImages), given.at(kImages));
  expect_same(y.at(kLabels), given.at(kLabels));
  y = apply("MaxNumBoundingBoxes", {{"max_number", 3}, {"fill_value", -2}}, given);
  expect_same(y.at(kBoxes), {{1, 3, 4}, {3, 1, 5, 2, 0, 0, 1, 4, -2, -2, -2, -2}});
  expect_same(y.at(kBoxLabels), {{1, 3}, {3, 5, -2}});
}

// Masks

TEST(Masks, MoveWithThePictures) {
  const Picture x = picture({6, 12, 15, 1}, [](auto n, auto r, auto c, auto) {
    return static_cast<double>((n + r / 3 + c / 4) % 3) * 2;  // classes 0, 2 and 4
  });
  const Dictionary given{{kImages, x}, {kMasks, x}};
  std::vector<std::pair<const char*, Json>> layers{
      {"RandomTranslation", {{"height_factor", 0.3}, {"width_factor", 0.4}}},
      {"RandomRotation", {{"factor", 0.5}}},
      {"RandomZoom", {{"height_factor", 0.3}}},
      {"RandomShear", {{"x_factor", 0.3}}},
      {"RandomPerspective", {{"scale", 0.4}}},
      {"RandomElasticTransform", {{"scale", {0.8, 1}}}},
      {"CutMix", Json::object()},
      {"RandomFlip", Json::object()}};
  for (auto& [name, config] : layers) {
    Dictionary y = apply(name, config, given);
    for (const double value : y.at(kMasks).values)
      ASSERT_TRUE(value == 0 || value == 2 || value == 4) << name << " made a class of " << value;
    EXPECT_NE(y.at(kMasks).values, x.values) << name;
    if (Layer::registry().find(name)->find("interpolation") == nullptr) continue;
    EXPECT_NE(y.at(kMasks).values, y.at(kImages).values) << name;  // pictures are blended
    config["interpolation"] = "nearest";
    y = apply(name, config, given);
    expect_same(y.at(kMasks), y.at(kImages));
  }
  const Dictionary small = apply("Resizing", {{"height", 6}, {"width", 5}, {"interpolation", "nearest"}}, given);
  expect_same(small.at(kMasks), small.at(kImages));
}

TEST(Masks, OfRandomCropKeepTheirClassesWhereItEnlarges) {
  const Picture x = picture({1, 4, 4, 1}, [](auto, auto r, auto, auto) { return r < 2 ? 0.0 : 4.0; });
  const Dictionary y = apply("RandomCrop", {{"height", 9}, {"width", 9}}, {{kImages, x}, {kMasks, x}});
  for (const double value : y.at(kMasks).values) EXPECT_TRUE(value == 0 || value == 4) << value;
  EXPECT_NE(y.at(kMasks).values, y.at(kImages).values);
}

// Labels

/// Pictures of their own numbers; labels one-hot.
Dictionary numbered(int64_t count, int64_t side) {
  const Picture x = picture({count, side, side, 1}, [](auto n, auto...) { return static_cast<double>(n); });
  Picture labels{{count, count}, std::vector<double>(static_cast<size_t>(count * count))};
  for (int64_t n = 0; n < count; ++n) labels.values[static_cast<size_t>(n * count + n)] = 1;
  return {{kImages, x}, {kLabels, labels}};
}

/// What a row of labels says of the picture's mean; with the number of the other picture (its own where there is none).
struct Told {
  double value = 0, sum = 0;
  int64_t other = 0;
};
Told told_by(const Picture& labels, int64_t n) {
  Told told{0, 0, n};
  for (int64_t k = 0; k < labels.shape[1]; ++k) {
    const double share = labels.values[static_cast<size_t>(n * labels.shape[1] + k)];
    told.value += share * static_cast<double>(k);
    told.sum += share;
    if (k != n && share != 0) told.other = k;
  }
  return told;
}

TEST(MixUp, BlendsLabelsAndMasksAsItBlendsPictures) {
  Dictionary given = numbered(12, 2);
  given[kMasks] = given.at(kImages);
  const Dictionary y = apply("MixUp", {{"alpha", 0.9}}, given);
  int mixed = 0;
  for (int64_t n = 0; n < 12; ++n) {
    const Told told = told_by(y.at(kLabels), n);
    EXPECT_NEAR(told.sum, 1, 1e-12);
    EXPECT_NEAR(told.value, y.at(kImages).at(n, 0, 1), 1e-9);
    mixed += told.other == n ? 0 : 1;
  }
  EXPECT_GT(mixed, 6);
  expect_same(y.at(kMasks), y.at(kImages));
  const Dictionary same = apply("MixUp", {{"alpha", 0.9}}, given, false);
  for (const auto& [name, value] : given) expect_same(same.at(name), value);
}

TEST(MixUp, PutsTheOtherPicturesBoxesBesideItsOwn) {
  Dictionary given = numbered(8, 2);
  Picture boxes{{8, 2, 4}, {}};
  Picture box_labels{{8, 2}, {}};
  for (int i = 0; i < 16; ++i) box_labels.values.push_back(i);
  for (int i = 0; i < 64; ++i) boxes.values.push_back(i);
  given[kBoxes] = boxes;
  given[kBoxLabels] = box_labels;
  const Json config{{"alpha", 0.9}, {"bounding_box_format", "xywh"}};
  const Dictionary y = apply("MixUp", config, given);
  ASSERT_EQ(y.at(kBoxes).shape, (Shape{8, 4, 4}));
  ASSERT_EQ(y.at(kBoxLabels).shape, (Shape{8, 4}));
  for (int64_t n = 0; n < 8; ++n) {
    const int64_t from[]{n, told_by(y.at(kLabels), n).other};
    for (int64_t k = 0; k < 4; ++k) {
      const int64_t box = from[k / 2] * 2 + k % 2;
      EXPECT_EQ(y.at(kBoxLabels).values[static_cast<size_t>(n * 4 + k)], static_cast<double>(box));
      EXPECT_EQ(edges_at(y.at(kBoxes), n, k).left, static_cast<double>(box * 4));
    }
  }
  EXPECT_EQ(apply("MixUp", config, given, false).at(kBoxes).shape, boxes.shape);
}

TEST(CutMix, MixesLabelsByTheAreaItPastes) {
  constexpr int64_t kSide = 60;
  Dictionary given = numbered(12, kSide);
  given[kMasks] = given.at(kImages);
  const Dictionary y = apply("CutMix", Json::object(), given);
  int mixed = 0;
  for (int64_t n = 0; n < 12; ++n) {
    const Told told = told_by(y.at(kLabels), n);
    double mean = 0;
    for (int64_t i = 0; i < kSide * kSide; ++i) {
      const double pixel = y.at(kImages).at(n, i / kSide, i % kSide);
      EXPECT_TRUE(pixel == static_cast<double>(n) || pixel == static_cast<double>(told.other));
      mean += pixel / (kSide * kSide);
    }
    EXPECT_NEAR(told.sum, 1, 1e-12);
    const double whole_pixels = 2.0 * kSide / (kSide * kSide);  // a row and a column more or less
    EXPECT_NEAR(told.value, mean, whole_pixels * std::abs(static_cast<double>(told.other - n)) + 1e-9);
    mixed += told.other == n ? 0 : 1;
  }
  EXPECT_GT(mixed, 6);
  expect_same(y.at(kMasks), y.at(kImages));
}

// What stays

TEST(ChangedColours, LeaveWhatComesWithPictures) {
  Dictionary given{{kImages, noise({3, 6, 7, 3})},
                   {kBoxes, {{3, 2, 4}, noise({3, 2, 4, 1}, 40).values}},
                   {kBoxLabels, {{3, 2}, {1, 2, 3, 4, 5, 6}}},
                   {kLabels, {{3}, {1, 2, 3}}},
                   {kMasks, {{3, 2}, {9, 8, 7, 6, 5, 4}}}};  // of whatever shape, as no layer here looks at them
  std::vector<std::pair<const char*, Json>> layers{{"RandomPosterization", {{"factor", 3}}},
                                                   {"RandomErasing", {{"factor", {1, 1}}}},
                                                   {"RandomGaussianBlur", {{"factor", {1, 1}}}},
                                                   {"RandomColorJitter", {{"brightness_factor", 0.5}}}};
  for (const char* name : {"RandomBrightness", "RandomContrast", "RandomHue", "RandomSaturation", "RandomSharpness",
                           "RandomColorDegeneration", "RandomInvert"})
    layers.push_back({name, {{"factor", {0.6, 1}}}});
  layers.push_back({"RandomGrayscale", {{"factor", 1.0}}});
  for (const char* name :
       {"Solarization", "Equalization", "AutoContrast", "AugMix", "ContrastLimitedAdaptiveHistogramEqualization"})
    layers.push_back({name, Json::object()});
  for (auto& [name, config] : layers) {
    config["bounding_box_format"] = "rel_xywh";
    const Dictionary y = apply(name, config, given);
    for (const auto& [entry, value] : given)
      if (entry != kImages) expect_same(y.at(entry), value, 0);
    ASSERT_EQ(y.at(kImages).shape, given.at(kImages).shape);
    EXPECT_NE(y.at(kImages).values, given.at(kImages).values) << name;
  }
}

TEST(Dictionaries, StayAsTheyAreInInference) {
  for (const LayerSample& sample : picture_samples()) {
    const std::string& name = sample.class_name;
    if (Layer::registry().find(name)->find("seed") == nullptr || name == "RandomCrop") continue;
    Dictionary given;
    for (size_t i = 0; i < sample.keywords.size(); ++i) {
      Picture value{sample.inputs[0][i], {}};
      for (int64_t k = 0; k < value.shape.elements(); ++k) value.values.push_back(static_cast<double>(k % 11));
      given[sample.keywords[i]] = value;
    }
    if (given.empty()) continue;
    const Dictionary y = apply(name, sample.config, given, false);
    for (const auto& [entry, value] : given) expect_same(y.at(entry), value, 0);
  }
}

TEST(Dictionaries, HandOnWhatTheyDoNotKnow) {
  const Json boxed{{"bounding_box_format", "xyxy"}};
  const auto with = [&](Json config) {
    config.update(boxed);
    return config;
  };
  const Json flip{{"class_name", "RandomFlip"}, {"config", with({{"dtype", "float64"}})}};
  const std::vector<std::pair<const char*, Json>> layers{
      {"RandomFlip", boxed},
      {"RandomTranslation", with({{"height_factor", 0.2}, {"width_factor", 0.2}})},
      {"MixUp", boxed},
      {"Resizing", with({{"height", 9}, {"width", 12}})},
      {"RandAugment", boxed},
      {"MaxNumBoundingBoxes", {{"max_number", 2}}},
      {"Pipeline", {{"layers", {flip, flip}}}}};
  const Dictionary given = marked_pictures({16, 20, 1});
  // One that comes first, of another count than the pictures, one called as masks of steps are, and one within another.
  const Dictionary unknown{{"angle", {{3, 2}, {1, 2, 3, 4, 5, 6}}},
                           {"mask", {{2}, {7, 8}}},
                           {"meta.id", {{kMarked}, std::vector<double>(kMarked, 9)}}};
  Dictionary more = given;
  Dictionary last = given;  // as many, so that the same is drawn
  for (const auto& [entry, value] : unknown) more[entry] = last["z" + entry] = value;
  for (const auto& [name, config] : layers) {
    SCOPED_TRACE(name);
    const Dictionary y = apply(name, config, more);
    const Dictionary same = apply(name, config, last);
    for (const auto& [entry, value] : given) expect_same(y.at(entry), same.at(entry), 0);
    for (const auto& [entry, value] : unknown) expect_same(y.at(entry), value, 0);
    if (std::string(name) != "MaxNumBoundingBoxes") {
      EXPECT_NE(y.at(kImages).values, given.at(kImages).values);
    }
  }
}

TEST(Pipeline, HandsADictionaryFromLayerToLayer) {
  const Json flip{{"class_name", "RandomFlip"},
                  {"config", {{"bounding_box_format", "xyxy"}, {"mode", "horizontal"}, {"dtype", "float64"}}}};
  const Json crop{{"class_name", "CenterCrop"},
                  {"config", {{"height", 11}, {"width", 14}, {"bounding_box_format", "xyxy"}, {"dtype", "float64"}}}};
  const Dictionary given = marked_pictures({16, 20, 1});
  const Dictionary y = apply("Pipeline", {{"layers", {flip, crop}}}, given);
  ASSERT_EQ(y.at(kImages).shape, (Shape{kMarked, 11, 14, 1}));
  int seen_boxes = 0;
  for (int64_t n = 0; n < kMarked; ++n) {
    const Edges seen = marked(y.at(kImages), n);
    const Edges box = edges_at(y.at(kBoxes), n, 0);
    if (seen.area() == 0) continue;
    ++seen_boxes;
    EXPECT_NEAR(box.left, seen.left, 1e-9);
    EXPECT_NEAR(box.right, seen.right, 1e-9);
  }
  EXPECT_GT(seen_boxes, kMarked / 2);
}

}  // namespace
}  // namespace trainyard::testing

// What shows that a layer computes what Keras computes: golden cases, a formula of a test's own (analytic), or moments and
// frequencies (statistical). A layer without evidence fails here; one that draws random numbers needs statistics beside its golden
// cases, since those say nothing about training.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "engine/io/file.h"
#include "engine/io/safetensors.h"
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

enum class EvidenceKind : uint8_t { analytic, statistical };

struct Evidence {
  const char* class_name;
  EvidenceKind kind;
  const char* test;
};

constexpr EvidenceKind kAnalytic = EvidenceKind::analytic;
constexpr EvidenceKind kStatistical = EvidenceKind::statistical;

// Beside the golden cases.
const Evidence kEvidence[] = {
    {"InputLayer", kAnalytic, "InputLayer.SaysWhatEntersInEachOfItsWays"},
    // numbers drawn in training
    {"Dropout", kStatistical, "Dropout.DropsItsRateAndScalesTheRest"},
    {"Dropout", kAnalytic, "Dropout.DropsTogetherWhatItsNoiseShapeJoins"},
    {"SpatialDropout1D", kStatistical, "SpatialDropout.DropsWholeChannels"},
    {"SpatialDropout2D", kStatistical, "SpatialDropout.DropsWholeChannels"},
    {"SpatialDropout3D", kStatistical, "SpatialDropout.DropsWholeChannels"},
    {"GaussianNoise", kStatistical, "GaussianNoise.HasTheMomentsItSays"},
    {"GaussianDropout", kStatistical, "GaussianDropout.MultipliesByNormalNumbersAroundOne"},
    {"AlphaDropout", kStatistical, "AlphaDropout.KeepsMeanAndVariance"},
    {"Attention", kStatistical, "DroppedAttention.CountsItsKeysAsABinomial"},
    {"AdditiveAttention", kStatistical, "DroppedAttention.CountsItsKeysAsABinomial"},
    {"MultiHeadAttention", kStatistical, "DroppedAttention.CountsItsKeysAsABinomial"},
    {"GroupQueryAttention", kStatistical, "DroppedAttention.CountsItsKeysAsABinomial"},
    {"SimpleRNN", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"LSTM", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"GRU", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"SimpleRNNCell", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"LSTMCell", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"GRUCell", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"ConvLSTM1D", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"ConvLSTM2D", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    {"ConvLSTM3D", kStatistical, "DroppedInputs.OfRecurrentLayersAreZeroOrScaled"},
    // cells
    {"StackedRNNCells", kAnalytic, "StackedCells.AreLayersOneOnTopOfTheOther"},
    {"LSTMCell", kAnalytic, "ForgetBias.IsOneForTheForgetGateAlone"},
    // pictures
    {"RandomCrop", kStatistical, "RandomCrop.CutsTheSameWindowOutOfEachPictureAndComesEverywhere"},
    {"RandomFlip", kStatistical, "RandomFlip.MirrorsHalfOfThePictures"},
    {"RandomTranslation", kAnalytic, "RandomTranslation.FillsAsEachModeSays"},
    {"RandomTranslation", kStatistical, "DrawnMoves.ComeEvenlyFromTheirRange"},
    {"RandomRotation", kAnalytic, "RandomRotation.ByAQuarterTurnsCounterClockwise"},
    {"RandomRotation", kStatistical, "DrawnMoves.ComeEvenlyFromTheirRange"},
    {"RandomZoom", kAnalytic, "RandomZoom.KeepsTheMiddleInPlace"},
    {"RandomZoom", kStatistical, "DrawnMoves.ComeEvenlyFromTheirRange"},
    {"RandomShear", kStatistical, "RandomShear.ShiftsRowsOneWayOrTheOther"},
    {"RandomShear", kStatistical, "DrawnMoves.ComeEvenlyFromTheirRange"},
    {"RandomPerspective", kAnalytic, "RandomPerspective.KeepsLinesStraightAndTheFirstCornerInPlace"},
    {"RandomPerspective", kStatistical, "RandomPerspective.MovesEachCornerByAShareOfItsPlace"},
    {"RandomElasticTransform", kStatistical, "RandomElasticTransform.ShiftsAsFarAsItsNoiseSays"},
    {"RandomBrightness", kAnalytic, "RandomBrightness.AddsAShareOfTheRange"},
    {"RandomBrightness", kStatistical, "DrawnColours.ComeEvenlyFromTheirRange"},
    {"RandomContrast", kStatistical, "RandomContrast.StretchesEachPictureByItsOwnFactor"},
    {"RandomHue", kAnalytic, "RandomHue.TurnsRedIntoGreenOrBlue"},
    {"RandomHue", kStatistical, "DrawnColours.ComeEvenlyFromTheirRange"},
    {"RandomSaturation", kAnalytic, "RandomSaturation.MovesColoursToTheirBrightest"},
    {"RandomSaturation", kStatistical, "DrawnColours.ComeEvenlyFromTheirRange"},
    {"RandomSharpness", kAnalytic, "RandomSharpness.BlursByThirteenths"},
    {"RandomSharpness", kStatistical, "DrawnColours.ComeEvenlyFromTheirRange"},
    {"RandomColorDegeneration", kAnalytic, "RandomColorDegeneration.EndsInGrey"},
    {"RandomColorDegeneration", kStatistical, "DrawnColours.ComeEvenlyFromTheirRange"},
    {"RandomColorJitter", kAnalytic, "RandomColorJitter.IsItsPartsInARow"},
    {"RandomColorJitter", kStatistical, "RandomColorJitter.DrawsEachOfItsPartsFromItsOwnFactor"},
    {"RandomGrayscale", kStatistical, "RandomGrayscale.TakesTheColourOutOfItsShare"},
    {"RandomPosterization", kStatistical, "RandomPosterization.DropsLowBits"},
    {"RandomInvert", kAnalytic, "RandomInvert.TakesValuesFromTheTop"},
    {"RandomInvert", kStatistical, "RandomInvert.InvertsHalfOfItsLargestShare"},
    {"RandomErasing", kAnalytic, "RandomErasing.CoversAQuarterWhereScaleIsAQuarter"},
    {"RandomErasing", kStatistical, "RandomErasing.DrawsBothSidesFromItsScale"},
    {"RandomGaussianBlur", kAnalytic, "RandomGaussianBlur.SpreadsAPointAsABell"},
    {"RandomGaussianBlur", kStatistical, "RandomGaussianBlur.DrawsOneDeviationForTheBatch"},
    {"Solarization", kStatistical, "Solarization.TurnsWhatIsAboveTheThreshold"},
    {"Equalization", kAnalytic, "Equalization.SpreadsRanksEvenlyInEachChannel"},
    {"AutoContrast", kAnalytic, "AutoContrast.LeavesFlatChannelsAlone"},
    {"ContrastLimitedAdaptiveHistogramEqualization", kAnalytic, "Clahe.EqualizesAPictureOfOneTile"},
    {"CutMix", kAnalytic, "CutMix.PastesARectangleOfOneOtherPicture"},
    {"CutMix", kStatistical, "CutMix.PastesSharesOfABetaDistribution"},
    {"MixUp", kStatistical, "MixUp.BlendsEachPictureWithOneOtherByABetaVariate"},
    {"RandAugment", kStatistical, "RandAugment.ChoosesEachChangeAsOften"},
    {"AugMix", kStatistical, "AugMix.BlendsItsChainByABetaVariate"},
    {"Pipeline", kAnalytic, "Pipeline.IsItsLayersInARow"},
    {"MaxNumBoundingBoxes", kAnalytic, "MaxNumBoundingBoxes.CutsOffAndFillsUp"},
    // signals
    {"STFTSpectrogram", kAnalytic, "StftSpectrogram.IsAFourierTransformOfEachFrame"},
    {"MelSpectrogram", kAnalytic, "MelSpectrogram.FollowsItsFormula"},
    // text and categories
    {"Hashing", kAnalytic, "Hashing.GivesTheBucketsOfKerasForText"},
    {"HashedCrossing", kAnalytic, "HashedCrossing.GivesTheBucketsOfKeras"},
    {"IntegerLookup", kAnalytic, "IntegerLookup.GivesTheIndicesOfKeras"},
    {"StringLookup", kAnalytic, "StringLookup.GivesIndicesAndVectors"},
    {"TextVectorization", kAnalytic, "TextVectorization.GivesTheIndicesOfKeras"},
};

std::string text_of(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

/// "Suite.Name" to the test's source, of all tests in this folder.
std::map<std::string, std::string> test_bodies() {
  static const std::regex kTest(R"(\nTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
  std::map<std::string, std::string> bodies;
  for (const std::string& name : folder_entries("tests/layers")) {
    if (name.size() < 3 || name.substr(name.size() - 3) != ".cc") continue;
    const std::string source = text_of("tests/layers/" + name);
    for (std::sregex_iterator found(source.begin(), source.end(), kTest), end; found != end; ++found) {
      const auto start = static_cast<size_t>(found->position());
      bodies[(*found)[1].str() + "." + (*found)[2].str()] = source.substr(start, source.find("\n}", start) - start);
    }
  }
  return bodies;
}

/// The class of this object and of those inside it.
void collect_classes(const Json& value, std::set<std::string>& classes) {
  if (value.is_object() && value.contains("class_name") && value["class_name"].is_string())
    classes.insert(value["class_name"].get<std::string>());
  if (value.is_structured())
    for (const Json& inner : value) collect_classes(inner, classes);
}

/// Layers that a golden case of a layer runs, by themselves or inside another.
std::set<std::string> golden_classes() {
  std::set<std::string> classes;
  for (const std::string& name : folder_entries("tests/golden/cases")) {
    if (name.rfind("layer.", 0) != 0) continue;
    const SafetensorsFile file = load_safetensors("tests/golden/cases/" + name);
    collect_classes(Json::parse(file.metadata.at("config")), classes);
  }
  return classes;
}

std::set<std::string> layers_with(EvidenceKind kind) {
  std::set<std::string> classes;
  for (const Evidence& evidence : kEvidence)
    if (evidence.kind == kind) classes.insert(evidence.class_name);
  return classes;
}

TEST(Evidence, IsStatedOfEveryLayer) {
  const std::set<std::string> golden = golden_classes();
  const std::set<std::string> analytic = layers_with(kAnalytic);
  const std::set<std::string> statistical = layers_with(kStatistical);
  ASSERT_GT(golden.size(), 80u) << "golden cases lie in tests/golden/cases";
  for (const ClassInfo* info : Layer::registry().classes()) {
    const std::string& name = info->class_name;
    EXPECT_TRUE(golden.contains(name) || analytic.contains(name) || statistical.contains(name))
        << name << " has no golden case and no line in kEvidence";
  }
}

TEST(Evidence, IsStatisticalWhereALayerDraws) {
  const std::set<std::string> statistical = layers_with(kStatistical);
  for (const ClassInfo* info : Layer::registry().classes())
    EXPECT_TRUE(info->find("seed") == nullptr || statistical.contains(info->class_name))
        << info->class_name << " draws random numbers, and no line in kEvidence shows how they are spread";
}

TEST(Evidence, IsATestThatRunsTheLayer) {
  const std::map<std::string, std::string> bodies = test_bodies();
  for (const Evidence& evidence : kEvidence) {
    EXPECT_NE(Layer::registry().find(evidence.class_name), nullptr) << "no layer " << evidence.class_name;
    const auto body = bodies.find(evidence.test);
    ASSERT_NE(body, bodies.end()) << "no test " << evidence.test;
    EXPECT_NE(body->second.find('"' + std::string(evidence.class_name) + '"'), std::string::npos)
        << evidence.test << " does not name " << evidence.class_name;
  }
}

}  // namespace
}  // namespace trainyard::testing

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

/// Arguments that a test tries by way of a function or a loop, so that its own source does not name layer and argument both.
struct ArgumentEvidence {
  std::vector<const char*> classes;
  std::vector<const char*> arguments;
  const char* test;
};

const std::vector<ArgumentEvidence>& argument_evidence() {
  static const std::vector<ArgumentEvidence> kArguments{
      {{"Conv1D", "Conv2D", "Conv3D"},
       {"groups", "strides", "padding", "dilation_rate", "use_bias"},
       "Convolution.IsASumOverTheWindowInEachGroup"},
      {{"DepthwiseConv1D", "DepthwiseConv2D"},
       {"depth_multiplier", "strides", "padding", "dilation_rate", "use_bias"},
       "DepthwiseConvolution.TakesEachChannelByItself"},
      {{"SeparableConv1D", "SeparableConv2D"},
       {"depth_multiplier", "strides", "padding", "dilation_rate", "use_bias"},
       "SeparableConvolution.IsADepthwiseOneAndThenOneOfPixels"},
      {{"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"},
       {"padding", "output_padding", "strides", "dilation_rate", "use_bias"},
       "TransposedConvolution.SpreadsTheWindowFromEachPixel"},
      {{"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"},
       {"activation", "recurrent_activation", "use_bias", "return_sequences", "return_state", "go_backwards",
        "zero_output_for_mask"},
       "ConvLSTM.OfOnePixelIsAnLSTM"},
      {{"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"},
       {"padding", "strides", "dilation_rate"},
       "ConvLSTM.ConvolvesItsInputAsItIsToldAndItsStateWithThePaddingThatKeepsIt"},
      {{"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "LSTM", "LSTMCell"},
       {"unit_forget_bias"},
       "ForgetBias.IsOneForTheForgetGateAlone"},
      {{"SimpleRNN", "LSTM", "GRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "RNN"},
       {"stateful"},
       "StatefulLayers.GoOnWhereTheBatchBeforeEnded"},
      {{"SimpleRNN", "LSTM", "GRU"},
       {"return_state", "go_backwards", "zero_output_for_mask"},
       "RecurrentLayers.FollowTheirFormulasWithMasksStatesAndBothDirections"},
      {{"Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv1D",
        "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D", "Dense", "EinsumDense", "TernaryDense"},
       {"activation"},
       "ActivationArguments.AreAppliedToWhatComesOut"},
      {{"SimpleRNNCell", "LSTMCell", "GRUCell"}, {"activation", "use_bias"}, "Cells.AreTheirLayersForOneStep"},
      {{"LSTMCell", "GRUCell"}, {"recurrent_activation"}, "Cells.AreTheirLayersForOneStep"},
      {{"InputLayer"}, {"optional"}, "OptionalInputs.MayBeLeftOut"},
      {{"Cropping1D", "Cropping2D", "Cropping3D"}, {"cropping"}, "GridSizes.AreCutPaddedAndRepeatedByTheirAmounts"},
      {{"ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"},
       {"padding"},
       "GridSizes.AreCutPaddedAndRepeatedByTheirAmounts"},
      {{"UpSampling1D", "UpSampling2D", "UpSampling3D"}, {"size"}, "GridSizes.AreCutPaddedAndRepeatedByTheirAmounts"},
      {{"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D",
        "GlobalMaxPooling2D", "GlobalMaxPooling3D"},
       {"keepdims"},
       "GlobalPooling.KeepsDimensionsOfOneWhereItIsTold"},
      {{"LayerNormalization"}, {"epsilon", "center", "scale"}, "LayerNormalization.TakesItsAxesAndItsEpsilon"},
      {{"GroupNormalization"}, {"epsilon", "center", "scale"}, "GroupNormalization.TakesItsAxisAndItsGroups"},
      {{"MultiHeadAttention", "GroupQueryAttention"},
       {"sliding_window"},
       "HeadsOfAttention.LookNoFurtherThanTheirWindow"},
      {{"MultiHeadAttention", "GroupQueryAttention"}, {"use_gate"}, "HeadsOfAttention.FollowTheFormula"},
      {{"RandomTranslation", "RandomRotation", "RandomZoom"},
       {"fill_mode", "fill_value", "interpolation"},
       "MovedPictures.AreSampledAsTheirArgumentsSay"},
      {{"RandomShear"},
       {"fill_mode", "fill_value", "interpolation"},
       "RandomShear.IsSampledAsItsArgumentsSayInEitherDirection"},
      {{"RandomPerspective", "RandomElasticTransform"},
       {"interpolation"},
       "BentPictures.AreOfTheirOwnPixelsWhereTheNearestIsTaken"},
      {{"Resizing"}, {"interpolation"}, "ResizeWeights.SumToOneForEveryKernel"},
      {{"RandomTranslation", "RandomRotation", "RandomZoom", "RandomShear", "RandomPerspective", "RandAugment"},
       {"bounding_box_format"},
       "MovedBoxes.AreAroundWhatTheyWereAround"},
      {{"RandomFlip", "CenterCrop", "RandomCrop"}, {"bounding_box_format"}, "MovedBoxes.AreExactWhereWholePixelsMove"},
      {{"RandomBrightness", "RandomContrast", "RandomHue", "RandomSaturation", "RandomSharpness",
        "RandomColorDegeneration", "RandomInvert", "RandomPosterization", "RandomGrayscale", "RandomColorJitter",
        "Solarization", "Equalization", "AutoContrast", "RandomErasing", "RandomGaussianBlur", "AugMix",
        "ContrastLimitedAdaptiveHistogramEqualization"},
       {"bounding_box_format"},
       "ChangedColours.LeaveWhatComesWithPictures"},
      {{"CutMix", "RandomElasticTransform"}, {"bounding_box_format"}, "Boxes.AreRefusedWhereKerasHasNoAnswer"}};
  return kArguments;
}

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

/// Adds the class and the arguments of this object and of those inside it.
void collect_configs(const Json& value, std::map<std::string, std::map<std::string, std::vector<Json>>>& configs) {
  if (value.is_object() && value.contains("class_name") && value.contains("config") && value["config"].is_object()) {
    auto& arguments = configs[value["class_name"].get<std::string>()];
    for (const auto& [name, given] : value["config"].items()) arguments[name].push_back(given);
  }
  if (value.is_structured())
    for (const Json& inner : value) collect_configs(inner, configs);
}

/// What golden cases of layers hold of each class, by itself or inside another: values of its arguments.
std::map<std::string, std::map<std::string, std::vector<Json>>> golden_configs() {
  std::map<std::string, std::map<std::string, std::vector<Json>>> configs;
  for (const std::string& name : folder_entries("tests/golden/cases")) {
    if (name.rfind("layer.", 0) != 0) continue;
    const SafetensorsFile file = load_safetensors("tests/golden/cases/" + name);
    collect_configs(Json::parse(file.metadata.at("config")), configs);
  }
  return configs;
}

std::set<std::string> layers_with(EvidenceKind kind) {
  std::set<std::string> classes;
  for (const Evidence& evidence : kEvidence)
    if (evidence.kind == kind) classes.insert(evidence.class_name);
  return classes;
}

TEST(Evidence, IsStatedOfEveryLayer) {
  const auto golden = golden_configs();
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

/// Tried for all layers at once: see DataFormat, Seeds, WeightArguments; of the others, Dense and Activation try them.
bool is_common(const std::string& argument) {
  static const std::set<std::string> kCommon{"name", "trainable",  "dtype", "activity_regularizer",
                                             "seed", "data_format"};
  static const std::regex kOfWeight(".*_(initializer|regularizer|constraint)");
  return kCommon.contains(argument) || std::regex_match(argument, kOfWeight);
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

TEST(Evidence, IsThereForEachArgumentAwayFromItsDefault) {
  const auto golden = golden_configs();
  std::map<std::string, std::string> bodies = test_bodies();
  // these show what is refused, or try everything without knowing what is right
  std::erase_if(bodies, [](const auto& test) {
    const std::string suite = test.first.substr(0, test.first.find('.'));
    return suite.find("Mistakes") != std::string::npos || suite == "EveryLayer" || suite == "Evidence";
  });
  std::set<std::string> listed;
  for (const ArgumentEvidence& evidence : argument_evidence()) {
    EXPECT_TRUE(bodies.contains(evidence.test)) << "no test " << evidence.test;
    for (const char* class_name : evidence.classes)
      for (const char* argument : evidence.arguments) {
        const ClassInfo* info = Layer::registry().find(class_name);
        EXPECT_TRUE(info != nullptr && info->find(argument) != nullptr) << class_name << "." << argument;
        listed.insert(std::string(class_name) + "." + argument);
      }
  }
  const auto in_a_test = [&](const std::string& class_name, const std::string& argument) {
    for (const auto& [test, body] : bodies)
      if (body.find(quoted(class_name)) != std::string::npos && body.find(quoted(argument)) != std::string::npos)
        return true;
    return false;
  };
  const auto in_a_case = [&](const ClassInfo& info, const ClassInfo::Arg& arg) {
    const auto found = golden.find(info.class_name);
    if (found == golden.end() || !found->second.contains(arg.spec.name)) return false;
    const Json standard = arg.print(*info.make());
    for (const Json& value : found->second.at(arg.spec.name))
      if (arg.spec.options.required || value != standard) return true;
    return false;
  };
  for (const ClassInfo* info : Layer::registry().classes())
    for (const ClassInfo::Arg& arg : info->args) {
      const std::string& name = arg.spec.name;
      if (is_common(name) || arg.spec.options.hint || arg.spec.choices.size() == 1) continue;
      EXPECT_TRUE(listed.contains(info->class_name + "." + name) || in_a_case(*info, arg) ||
                  in_a_test(info->class_name, name))
          << info->class_name << "." << name << " is in no golden case, no test and no line of argument_evidence()";
    }
}

}  // namespace
}  // namespace trainyard::testing

// What a page is told of layers that take Keras's dictionaries.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/api/schema.h"

namespace trainyard::testing {
namespace {

const Json kEntries =
    Json::parse(R"(["bounding_boxes.boxes", "bounding_boxes.labels", "images", "labels", "segmentation_masks"])");

const Json& class_named(const std::string& class_name) {
  static const Json kNone;
  for (const Json& entry : schema_json()["groups"]["layers"])
    if (entry["class_name"] == class_name) return entry;
  return kNone;
}

TEST(Dictionaries, AreInTheSchemaOfLayersOverPictures) {
  for (const char* name : {"RandomFlip", "MixUp", "CutMix", "RandomCrop", "Resizing", "MaxNumBoundingBoxes"}) {
    EXPECT_EQ(class_named(name)["dictionary_entries"], kEntries) << name;
    EXPECT_EQ(class_named(name)["plain_entry"], "images") << name;
  }
  for (const char* name : {"Dense", "Rescaling", "Pipeline"})
    EXPECT_FALSE(class_named(name).contains("dictionary_entries")) << name;
}

TEST(Dictionaries, OfAPipelineAreThoseOfItsLayers) {
  EXPECT_EQ(class_named("Pipeline")["dictionary_of"], "layers");
  EXPECT_FALSE(class_named("RandomFlip").contains("dictionary_of"));
}

}  // namespace
}  // namespace trainyard::testing

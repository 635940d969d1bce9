#include "engine/core/diagnostic.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace trainyard {
namespace {

TEST(Diagnostic, FillsItsSentenceWithParameters) {
  Diagnostics found;
  found.error("argument.choice", "layers[3].padding", {{"choices", "same, valid"}, {"value", "'sane'"}});
  EXPECT_EQ(found.items()[0].text(), "layers[3].padding: must be one of same, valid (got 'sane')");
  EXPECT_EQ(found.items()[0].message(), "must be one of same, valid (got 'sane')");
}

TEST(Diagnostic, AddsTheMendInBrackets) {
  const UserError error("argument.unknown", "layers[0].unit", {{"class_name", "Dense"}, {"known", "units"}});
  EXPECT_EQ(std::string(error.what()), "layers[0].unit: is not an argument of Dense (known arguments: units)");
}

TEST(Diagnostic, LeavesAHoleWithoutParameterAsItIs) {
  Diagnostics found;
  found.error("argument.range", "x", {{"range", "{value}"}});
  EXPECT_EQ(found.items()[0].message(), "must be {value} (got {value})");  // parameters are not filled again
}

TEST(Diagnostic, ShowsTheCodeWhereThereIsNoSentence) {
  Diagnostics found;
  found.error("no.such_code", "", {});
  EXPECT_EQ(found.items()[0].text(), "no.such_code");
  EXPECT_EQ(found.items()[0].fix(), "");
}

TEST(Diagnostic, TravelsAsJson) {
  Diagnostics found;
  found.warn("argument.missing", "optimizer");
  found.items()[0].node = "n7";
  const Json json = to_json(found.items()[0]);
  EXPECT_EQ(json["code"], "argument.missing");
  EXPECT_EQ(json["severity"], "warning");
  EXPECT_EQ(json["node"], "n7");
  EXPECT_TRUE(json["arg"].is_null());
  EXPECT_EQ(json["message"], "is required");
}

TEST(Diagnostics, CollectAndThrowErrorsOnly) {
  Diagnostics found;
  found.warn("argument.missing", "a");
  EXPECT_FALSE(found.has_errors());
  EXPECT_NO_THROW(throw_if_errors(found));
  Diagnostics more;
  more.error("argument.missing", "b");
  found.add_all(more);
  EXPECT_TRUE(found.has_errors());
  EXPECT_EQ(found.text(), "a: is required\nb: is required");
  try {
    throw_if_errors(found);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().items().size(), 2u);
  }
}

}  // namespace
}  // namespace trainyard

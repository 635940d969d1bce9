#include "engine/data/csv.h"

#include <gtest/gtest.h>

#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

using Row = std::vector<std::string>;

CsvTable read(const std::string& text, const CsvLimits& limits = {}) {
  const std::vector<uint8_t> bytes = bytes_of(text);
  return read_csv(bytes, "t.csv", limits);
}
Diagnostic refusal(const std::string& text) {
  return thrown_by([&] { read(text); });
}

TEST(Csv, ReadsHeaderAndRows) {
  const CsvTable table = read("a,b\n1, two \n\n3,4");
  EXPECT_EQ(table.header, (Row{"a", "b"}));
  EXPECT_EQ(table.rows, (std::vector<Row>{{"1", "two"}, {"3", "4"}}));
  EXPECT_EQ(table.lines, (std::vector<int64_t>{2, 4}));
}

TEST(Csv, ReadsQuotesAsRfc4180Says) {
  const CsvTable table = read("a,b\r\n\"1, \"\"one\"\"\r\nand more\" ,\"\"\r\n x,y\r\n");
  EXPECT_EQ(table.rows[0], (Row{"1, \"one\"\r\nand more", ""}));
  EXPECT_EQ(table.rows[1], (Row{"x", "y"}));
  EXPECT_EQ(table.lines, (std::vector<int64_t>{2, 4}));
}

TEST(Csv, FindsTheSeparator) {
  EXPECT_EQ(read("a;b\n1,5;2").rows[0], (Row{"1,5", "2"}));
  EXPECT_EQ(read("a\tb\n1\t2").rows[0], (Row{"1", "2"}));
  EXPECT_EQ(read("\"a;x;y\",b\n1,2").header, (Row{"a;x;y", "b"}));
  EXPECT_EQ(read("a\n1").rows[0], Row{"1"});
}

TEST(Csv, SkipsTheByteOrderMark) {
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a,b\n1,2")
                .header[0],
            "a");
}

TEST(Csv, KeepsEmptyFields) {
  EXPECT_EQ(read("a,b,c\n,,\n").rows[0], (Row{"", "", ""}));
  EXPECT_EQ(read("a,b\n1,").rows[0], (Row{"1", ""}));
}

TEST(Csv, NamesColumnsThatHaveNoName) { EXPECT_EQ(read(",b\n1,2").header, (Row{"column_1", "b"})); }

TEST(Csv, NamesEveryRaggedLine) {
  try {
    read("a,b\n1,2\n1\n1,2,3\n4,5\n");
    FAIL();
  } catch (const UserError& error) {
    ASSERT_EQ(error.diagnostics().items().size(), 2u);
    EXPECT_EQ(error.diagnostics().items()[0].text(), "t.csv:3: has 1 fields where the header has 2");
    EXPECT_EQ(error.diagnostics().items()[1].path, "t.csv:4");
  }
}

TEST(Csv, StopsAfterTenMistakes) {
  std::string text = "a,b\n";
  for (int i = 0; i < 100; ++i) text += "1\n";
  try {
    read(text);
    FAIL();
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().items().size(), 10u);
  }
}

TEST(Csv, NamesTheLineOfAQuotationMarkOutOfPlace) {
  EXPECT_EQ(refusal("a,b\n1,2\n\"3,4\n5,6\n").text(), refusal("a,b\n1,2\n\"3,4").text());
  EXPECT_EQ(refusal("a,b\n1,2\n\"3,4\n5,6\n").path, "t.csv:3");
  EXPECT_EQ(refusal("a,b\n1\"2,3\n").code, "csv.quote");
  EXPECT_EQ(refusal("a,b\n\"1\"2,3\n").code, "csv.quote");
}

TEST(Csv, RefusesAHeaderThatNamesNothing) {
  EXPECT_EQ(refusal("1,2\n3,4\n").code, "csv.no_header");
  EXPECT_EQ(refusal("a,a\n3,4\n").code, "csv.duplicate_column");
  EXPECT_EQ(refusal("").code, "csv.empty");
  EXPECT_EQ(refusal("\n\n").code, "csv.empty");
  EXPECT_EQ(refusal("a,b\n").code, "csv.empty");
}

TEST(Csv, RefusesWhatIsNotUtf8) {
  const Diagnostic diagnostic = refusal("a,b\n1,2\n\xff,3\n");
  EXPECT_EQ(diagnostic.code, "csv.encoding");
  EXPECT_EQ(diagnostic.path, "t.csv:3");
}

TEST(Csv, HoldsToItsLimits) {
  EXPECT_EQ(thrown_by([] { read("a,b\n1,2", {.bytes = 6}); }).code, "file.too_large");
  EXPECT_EQ(thrown_by([] { read("a,b,c\n1,2,3", {.columns = 2}); }).code, "csv.too_many_columns");
}

}  // namespace
}  // namespace trainyard

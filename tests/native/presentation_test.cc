#include <gtest/gtest.h>

#include "native/cli/format.h"
#include "native/cli/progress_bar.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

TEST(Format, WritesNumbersForPeople) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(with_commas(-1000), "-1,000");
  EXPECT_EQ(bytes_as_text(512), "512 B");
  EXPECT_EQ(bytes_as_text(1536000), "1.5 MB");
  EXPECT_EQ(bytes_as_text(999'960'000), "1.0 GB");
  EXPECT_EQ(clock(7.4), "0:07");
  EXPECT_EQ(clock(3723), "1:02:03");
  EXPECT_EQ(clock(1e30), "--:--");
  EXPECT_EQ(figure(0.12345), "0.1235");
  EXPECT_EQ(figure(0.0000123), "1.230e-05");
  EXPECT_EQ(percent(0.98312), "98.31 %");
  EXPECT_EQ(shape_as_text({kUnknown, 10}), "(None, 10)");
  EXPECT_EQ(shape_as_text({5}), "(5,)");
}

TEST(ProgressLine, NeverIsWiderThanTheTerminal) {
  FitProgress progress;
  progress.epoch = 1;
  progress.epochs = 5;
  progress.step = 700;
  progress.steps = 1875;
  progress.images_per_second = 12345.6;
  progress.eta_seconds = 64;
  progress.logs = {{"loss", 0.25}, {"accuracy", 0.9}, {"a_metric_with_a_very_long_name", 1}};
  const Terminal plain;  // 80 columns
  const std::string line = progress_line(progress, plain);
  EXPECT_LT(columns_of(line), 80U);
  EXPECT_NE(line.find("Epoch 2/5"), std::string::npos);
  EXPECT_NE(line.find("37% 700/1875"), std::string::npos) << line;
  EXPECT_NE(line.find("###"), std::string::npos) << line;
  EXPECT_EQ(line.find("very_long"), std::string::npos) << line;
}

TEST(ProgressLine, StandsBeforeTheFirstStep) { EXPECT_LT(columns_of(progress_line(FitProgress{}, Terminal())), 80U); }

TEST(Columns, CountCharactersAndNotTheirBytesOrColours) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("\u2501\u2501"), 2U);
  EXPECT_EQ(columns_of("\x1b[32mgreen\x1b[0m"), 5U);
}

TEST(TextTable, LinesUpNamesLeftAndNumbersRight) {
  TextTable table({{"name"}, {"count", true}});
  table.add({"a", "1"});
  table.rule();
  table.add({"total", "1,000"});
  EXPECT_EQ(table.text(Terminal()), "name   count\n------------\na          1\n------------\ntotal  1,000");
}

}  // namespace
}  // namespace trainyard::cli

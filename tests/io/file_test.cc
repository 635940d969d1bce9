#include "engine/io/file.h"

#include <gtest/gtest.h>

#include "engine/io/text.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

TEST(File, ComesBackAsItWasWritten) {
  const ScratchFolder scratch;
  const std::string path = scratch.file("a.bin");
  write_file(path, bytes_of("first"));
  write_file(path, bytes_of("second"));
  EXPECT_EQ(read_file(path), bytes_of("second"));
  write_file(path, {});
  EXPECT_TRUE(read_file(path).empty());
  EXPECT_EQ(folder_entries(scratch.path()), std::vector<std::string>{"a.bin"});
}

TEST(File, SaysWhatIsWrong) {
  const ScratchFolder scratch;
  const std::string path = scratch.file("a.bin");
  EXPECT_EQ(thrown_by([&] { read_file(path); }).code, "file.missing");
  EXPECT_EQ(thrown_by([&] { read_file(scratch.path()); }).code, "file.unreadable");
  write_file(path, bytes_of("12345"));
  EXPECT_EQ(thrown_by([&] { read_file(path, 4); }).code, "file.too_large");
  EXPECT_EQ(read_file(path, 5).size(), 5u);
  EXPECT_EQ(thrown_by([&] { write_file(scratch.file("no/such/folder"), {}); }).code, "file.unwritable");
}

TEST(File, AFailedWriteLeavesNothingBehind) {
  const ScratchFolder scratch;
  std::filesystem::create_directory(scratch.file("taken"));
  EXPECT_EQ(thrown_by([&] { write_file(scratch.file("taken"), bytes_of("x")); }).code, "file.unwritable");
  EXPECT_EQ(folder_entries(scratch.path()), std::vector<std::string>{"taken"});
}

TEST(File, JoinsPaths) {
  EXPECT_EQ(join_path("a/b", "c"), "a/b/c");
  EXPECT_EQ(join_path("", "c"), "c");
}

TEST(File, TellsFilesFromFolders) {
  const ScratchFolder scratch;
  write_file(scratch.file("a"), {});
  EXPECT_TRUE(is_file(scratch.file("a")));
  EXPECT_FALSE(is_folder(scratch.file("a")));
  EXPECT_TRUE(is_folder(scratch.path()));
  EXPECT_FALSE(is_file(scratch.file("b")));
  EXPECT_TRUE(folder_entries(scratch.file("b")).empty());
}

TEST(Text, IsCutAndMadePrintable) {
  EXPECT_EQ(printable("a\n\xff"
                      "b"),
            "a??b");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("gr\u00f6\u00dfe \u6570"), "gr\u00f6\u00dfe \u6570");
  EXPECT_EQ(printable("gr\u00f6\u00dfe", 3), "gr...");  // no half of a character
  EXPECT_EQ(printable("\u009b\x1b\xc3"), "???");        // what a terminal would obey, and a lead byte alone
  EXPECT_EQ(bytes_text(1), "1 byte");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(uint64_t{47} << 20), "47.0 MiB");
}

}  // namespace
}  // namespace trainyard

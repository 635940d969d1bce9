#include "engine/data/mnist.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/data/download.h"
#include "engine/data/registry.h"
#include "engine/io/file.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

/// Sets a variable for the length of a scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_.empty())
      ::unsetenv(name_);
    else
      ::setenv(name_, old_.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string old_;
};

TEST(Mnist, LooksInTheFoldersInTheirOrder) {
  const Variable data("TRAINYARD_DATA", "/d");
  const Variable cache("XDG_CACHE_HOME", "/c");
  EXPECT_EQ(mnist_folders(), (std::vector<std::string>{"/d", "/d/mnist", "/c/trainyard/mnist", "../shared/mnist"}));
}

TEST(Mnist, IsReadAndChecked) {
  if (!is_folder(shared_path("mnist"))) GTEST_SKIP() << shared_path("mnist") << " is not there";
  const Variable data("TRAINYARD_DATA", shared_path("mnist"));
  const Dataset dataset = load_mnist({.download = false, .report = {}});
  EXPECT_EQ(dataset.train_count(), 60'000);
  EXPECT_EQ(dataset.test_count(), 10'000);
  EXPECT_EQ(dataset.sample_shape(), Shape({28, 28, 1}));
  EXPECT_EQ(dataset.x_train.bytes(), 47'040'000u);
  EXPECT_EQ(dataset.y_train.span<int32_t>()[0], 5);
  EXPECT_EQ(dataset.y_test.span<int32_t>()[0], 7);
  EXPECT_EQ(class_counts(dataset.y_train, 10)[1], 6742);
}

TEST(Mnist, RefusesOtherFilesOfItsName) {
  const ScratchFolder scratch;
  for (const MnistFile& file : kMnistFiles)
    write_file(scratch.file(file.name), bytes_of(std::string("\0\0\x08\1\0\0\0\1\5", 9)));
  const Variable data("TRAINYARD_DATA", scratch.path());
  const Diagnostic diagnostic = thrown_by([] { load_mnist({.download = false, .report = {}}); });
  EXPECT_EQ(diagnostic.code, "mnist.checksum");
  EXPECT_NE(diagnostic.path.find("train-images-idx3-ubyte"), std::string::npos);
}

/// A place where MNIST is nowhere to be found.
class Nowhere {
 public:
  Nowhere()
      : home_("HOME", scratch_.path()),
        cache_("XDG_CACHE_HOME", scratch_.path()),
        data_("TRAINYARD_DATA", scratch_.path()) {
    old_ = std::filesystem::current_path();
    std::filesystem::create_directory(scratch_.file("here"));
    std::filesystem::current_path(scratch_.file("here"));
  }
  ~Nowhere() { std::filesystem::current_path(old_); }
  Nowhere(const Nowhere&) = delete;
  Nowhere& operator=(const Nowhere&) = delete;

 private:
  ScratchFolder scratch_;
  Variable home_, cache_, data_;
  std::filesystem::path old_;
};

TEST(Mnist, SaysWhereItWasLookedForWhenItCannotBeHad) {
  const Nowhere nowhere;
  const Diagnostic diagnostic = thrown_by([] { load_mnist({.download = false, .report = {}}); });
  EXPECT_EQ(diagnostic.code, "mnist.unavailable");
  EXPECT_NE(diagnostic.text().find("../shared/mnist"), std::string::npos);
  EXPECT_NE(diagnostic.text().find("digits"), std::string::npos);
}

TEST(Mnist, GivesItsPlaceToDigitsAndSaysSo) {
  const Nowhere nowhere;
  DatasetOptions options{
      .train_samples = 50, .test_samples = 10, .target = {}, .usual_target = {}, .download = false, .report = {}};
  const Dataset dataset = load_dataset("mnist", options);
  EXPECT_EQ(dataset.name, "digits");
  EXPECT_EQ(dataset.notes.items().at(0).code, "data.substituted");
  options.substitute = false;
  EXPECT_EQ(thrown_by([&] { load_dataset("mnist", options); }).code, "mnist.unavailable");
}

TEST(Download, SaysWhyItFailed) {
  // Port 1 of this machine: nobody listens there, and no packet leaves it.
  const DownloadResult result = download("https://127.0.0.1:1/x", 100);
  EXPECT_FALSE(result.ok());
  EXPECT_TRUE(result.bytes.empty());
  EXPECT_FALSE(download("http://127.0.0.1:1/x", 100).ok());
  EXPECT_FALSE(download("file:///etc/hostname", 100).ok());
}

TEST(Download, NeedsCurl) {
  const Variable path("PATH", "/nowhere");
  EXPECT_EQ(download("https://127.0.0.1:1/x", 100).reason, "curl is not installed");
}

/// A program called curl that gives out the files of a folder, in place of the real one.
class FakeCurl {
 public:
  explicit FakeCurl(const std::string& served)
      : served_("SERVED", served), path_("PATH", scratch_.path() + ":/usr/bin:/bin") {
    write_file(scratch_.file("curl"), bytes_of("#!/bin/sh\nfor url; do :; done\n[ -f \"$SERVED/${url##*/}\" ] || exit "
                                               "22\nexec cat \"$SERVED/${url##*/}\"\n"));
    std::filesystem::permissions(scratch_.file("curl"), std::filesystem::perms::owner_all);
  }

 private:
  ScratchFolder scratch_;
  Variable served_;
  Variable path_;
};

TEST(Download, BringsTheBytes) {
  const ScratchFolder served;
  write_file(served.file("a.gz"), bytes_of("hello"));
  const FakeCurl curl(served.path());
  EXPECT_EQ(download("https://example.org/a.gz", 5).bytes, bytes_of("hello"));
  EXPECT_EQ(download("https://example.org/a.gz", 4).reason, "it is larger than 4 bytes");
  EXPECT_EQ(download("https://example.org/b.gz", 5).reason, "the server refuses it");
  write_file(served.file("long"), std::vector<uint8_t>(size_t{8} << 20));
  EXPECT_EQ(download("https://example.org/long", 1000).reason, "it is larger than 1000 bytes");
}

TEST(Mnist, IsFetchedIntoTheCacheOnce) {
  const std::filesystem::path shared = std::filesystem::absolute(shared_path("mnist"));
  if (!is_folder(shared.string())) GTEST_SKIP() << shared << " is not there";
  const Nowhere nowhere;
  std::vector<std::string> told;
  {
    const FakeCurl curl(shared.string());
    const Dataset dataset =
        load_mnist({.download = true, .report = [&](const std::string& text) { told.push_back(text); }});
    EXPECT_EQ(dataset.train_count(), 60'000);
  }
  EXPECT_EQ(told.size(), 4u);
  EXPECT_EQ(told[0], "fetching train-images-idx3-ubyte.gz");
  EXPECT_EQ(load_mnist({.download = false, .report = {}}).test_count(), 10'000);
}

TEST(Mnist, DoesNotKeepWhatIsNotMnist) {
  const ScratchFolder served;
  for (const MnistFile& file : kMnistFiles) write_file(served.file(std::string(file.name) + ".gz"), bytes_of("<html>"));
  const Nowhere nowhere;
  const FakeCurl curl(served.path());
  EXPECT_EQ(thrown_by([] { load_mnist({.download = true, .report = {}}); }).code, "mnist.unavailable");
  EXPECT_FALSE(find_mnist().has_value());
}

}  // namespace
}  // namespace trainyard

// MNIST: 60,000 + 10,000 handwritten digits (LeCun, Cortes, Burges), as four IDX files that are found or fetched.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/dataset.h"

namespace trainyard {

struct MnistFile {
  std::string_view name;  // without ".gz"
  // Of the file unpacked, which does not depend on who packed it.
  std::string_view sha256;  // for what comes from a mirror
  uint32_t crc32;           // tells what lies here from other files of its name, sooner
};

/// Training images, training labels, test images, test labels.
inline constexpr std::array<MnistFile, 4> kMnistFiles{{
    {"train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 0xe9f4d8b3},
    {"train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 0xe0cb4ad2},
    {"t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 0x91373bdf},
    {"t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 0x4ab9eff9},
}};

/// MNIST from the four files' bytes in the order of kMnistFiles, plain or packed. Throws UserError mnist.checksum when
/// they are not the published ones.
Dataset mnist_from_files(const std::array<std::span<const uint8_t>, 4>& files, std::string source);

/// Folders that may hold the files, in the order in which they are looked through: $TRAINYARD_DATA, its subfolder
/// `mnist`, the user's cache (${XDG_CACHE_HOME:-~/.cache}/trainyard/mnist), ../shared/mnist.
std::vector<std::string> mnist_folders();

/// The first of those folders that has all four files, plain or as .gz.
std::optional<std::string> find_mnist();

struct MnistOptions {
  /// May fetch what is found nowhere. Never in a page, where fetching is the page's work.
  bool download = true;
  /// Is told what takes time: "fetching train-images-idx3-ubyte.gz".
  std::function<void(const std::string& message)> report;
};

/// Finds MNIST or fetches it into the user's cache. Throws UserError mnist.unavailable, which says where it was looked
/// for and why it could not be fetched.
Dataset load_mnist(const MnistOptions& options = {});

}  // namespace trainyard

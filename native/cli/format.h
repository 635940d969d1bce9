// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/shape.h"
#include "engine/train/trainer.h"

namespace trainyard::cli {

/// 1234567 -> "1,234,567"
std::string with_commas(int64_t number);
/// "512 B", "1.3 kB", "46.9 MB", "2.1 GB"; powers of 1000.
std::string bytes_as_text(uint64_t bytes);
/// "0:07", "12:34", "1:02:03"
std::string clock(double seconds);
/// Four significant places: "0.2312", "12.35".
std::string figure(double value);
/// "98.31 %"
std::string percent(double share);
/// "(None, 28, 28, 1)", as Keras prints shapes.
std::string shape_as_text(const Shape& shape);
/// "loss 0.2312  accuracy 0.9312"
std::string logs_as_text(const Logs& logs);

}  // namespace trainyard::cli

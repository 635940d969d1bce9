// Where the channels are. Ops are channels_last; a layer told otherwise transposes at its edges.
#pragma once

#include <array>
#include <string_view>

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

enum class DataFormat : uint8_t { channels_last, channels_first };
constexpr std::array<std::string_view, 2> choice_names(DataFormat) { return {"channels_last", "channels_first"}; }

/// channels_first: [n, c, d1..] <-> [n, d1.., c]; channels_last: as it is. Shapes of rank below 3 stay.
Shape to_channels_last(const Shape& shape, DataFormat format);
Shape from_channels_last(const Shape& shape, DataFormat format);
Value to_channels_last(Value x, DataFormat format);
Value from_channels_last(Value x, DataFormat format);

/// The dimension of the channels in a shape of this rank.
constexpr int channel_axis(DataFormat format, int rank) { return format == DataFormat::channels_first ? 1 : rank - 1; }

inline constexpr ArgOptions kDataFormatOptions{.advanced = true, .null_is_default = true};
inline constexpr const char* kDataFormatDoc = "Whether the channels come last, as here, or right after the batch.";

}  // namespace trainyard

#include "engine/core/keras_object.h"
#include "engine/io/json_reader.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] {
    const Json value = read_json({data, size}, "fuzz.json", {.python = true});
    // What was read can be written, and reads as the same again; so it does as Python writes it.
    require(read_json(value.dump(), "again") == value);
    require(read_json(python_json_text(value), "again", {.python = true}) == value);
  });
}

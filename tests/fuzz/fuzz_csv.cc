#include "engine/data/csv_dataset.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] {
    const CsvTable table = read_csv({data, size}, "fuzz.csv");
    for (const auto& row : table.rows) require(row.size() == table.header.size());
    const Dataset dataset = dataset_from_csv("fuzz", table, "fuzz.csv");
    require(dataset.train_count() + dataset.test_count() == static_cast<int64_t>(table.rows.size()));
    require(!dataset_info(dataset).dump().empty());
  });
}

#include "engine/runtime/kernel.h"

namespace trainyard {

const KernelEntry* KernelTable::find(const Op& op, InputTypes in, OutputTypes out) const {
  const std::vector<KernelEntry>& candidates = entries_[op.index()];
  for (auto entry = candidates.rbegin(); entry != candidates.rend(); ++entry)
    if (entry->accepts == nullptr || entry->accepts(op, in, out)) return &*entry;
  return nullptr;
}

}  // namespace trainyard

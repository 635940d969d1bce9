#include "engine/core/arg_traits.h"

namespace trainyard {

template void set_functions<bool>(ClassInfo::Arg&);
template void set_functions<int64_t>(ClassInfo::Arg&);
template void set_functions<double>(ClassInfo::Arg&);
template void set_functions<std::string>(ClassInfo::Arg&);
template void set_functions<Json>(ClassInfo::Arg&);
template void set_functions<std::optional<int64_t>>(ClassInfo::Arg&);
template void set_functions<std::optional<double>>(ClassInfo::Arg&);

}  // namespace trainyard

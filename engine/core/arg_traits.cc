#include "engine/core/arg_traits.h"

namespace trainyard {

template struct MemberArg<bool>;
template struct MemberArg<int64_t>;
template struct MemberArg<double>;
template struct MemberArg<std::string>;
template struct MemberArg<Json>;
template struct MemberArg<std::optional<int64_t>>;
template struct MemberArg<std::optional<double>>;

}  // namespace trainyard

#include "engine/core/arg_traits.h"

namespace trainyard {

template ClassInfo::Arg make_arg<bool>(std::string_view, std::string_view, const ArgOptions&, ptrdiff_t);
template ClassInfo::Arg make_arg<int64_t>(std::string_view, std::string_view, const ArgOptions&, ptrdiff_t);
template ClassInfo::Arg make_arg<double>(std::string_view, std::string_view, const ArgOptions&, ptrdiff_t);
template ClassInfo::Arg make_arg<std::string>(std::string_view, std::string_view, const ArgOptions&, ptrdiff_t);
template ClassInfo::Arg make_arg<Json>(std::string_view, std::string_view, const ArgOptions&, ptrdiff_t);
template ClassInfo::Arg make_arg<std::optional<int64_t>>(std::string_view, std::string_view, const ArgOptions&,
                                                         ptrdiff_t);
template ClassInfo::Arg make_arg<std::optional<double>>(std::string_view, std::string_view, const ArgOptions&,
                                                        ptrdiff_t);

}  // namespace trainyard

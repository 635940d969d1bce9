# Headers that most sources read first, compiled once for each set of flags. With TRAINYARD_UNITY only: a build by hand shall
# still find the source that includes too little.
set(TRAINYARD_PCH_HEADERS <algorithm> <functional> <map> <memory> <optional> <span> <string> <variant> <vector> <nlohmann/json.hpp>
    ${PROJECT_SOURCE_DIR}/engine/ops/builder.h ${PROJECT_SOURCE_DIR}/engine/layers/layer.h)

# CMake has the headers taken for the system's; Emscripten's dependencies leave those out (Platform/Emscripten-Clang-CXX.cmake),
# and a header of ours that changed would go unnoticed.
if(EMSCRIPTEN)
  set(CMAKE_PCH_PROLOGUE "")
endif()

# trainyard_precompile(<target> <set>): the headers, compiled with the options of the first target of this set. All targets of
# a set must have the same ones. The sets of tests have GoogleTest's header too.
function(trainyard_precompile target set)
  # The headers have a function of the name of that backend's namespace.
  if(NOT TRAINYARD_UNITY OR target STREQUAL "trainyard_ref")
    return()
  endif()
  set(owner trainyard_headers_${set})
  if(NOT TARGET ${owner})
    set(source ${PROJECT_BINARY_DIR}/pch/${set}.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "// Carries precompiled headers.\n")
    add_library(${owner} OBJECT ${source})
    get_target_property(options ${target} COMPILE_OPTIONS)
    target_compile_options(${owner} PRIVATE ${options})
    target_link_libraries(${owner} PRIVATE trainyard_flags nlohmann_json::nlohmann_json)
    target_precompile_headers(${owner} PRIVATE ${TRAINYARD_PCH_HEADERS})
    if(set MATCHES "^(tests|loops)$")
      set_target_properties(${owner} PROPERTIES TRAINYARD_IS_TEST ON)
      target_link_libraries(${owner} PRIVATE GTest::gtest)
      target_precompile_headers(${owner} PRIVATE <gtest/gtest.h>)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

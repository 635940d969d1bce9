# The libraries from outside, under the same target names in every build:
#   nlohmann_json::nlohmann_json  Eigen3::Eigen  trainyard_stb      everywhere
#   CLI11::CLI11  ZLIB::ZLIB  GTest::gtest  benchmark::benchmark    natively, where the package is there
# docs/dependencies.md says why each of them.

add_library(trainyard_stb INTERFACE)

if(EMSCRIPTEN)
  # Copies of three header-only trees, made by scripts/toolchain: the host's /usr/include must never be seen here.
  set(TRAINYARD_WASM_HEADERS ${PROJECT_SOURCE_DIR}/build/wasm/include CACHE PATH "Header-only libraries for emcc")
  foreach(probe nlohmann/json.hpp eigen3/Eigen/Core stb/stb_image.h)
    if(NOT EXISTS ${TRAINYARD_WASM_HEADERS}/${probe})
      message(FATAL_ERROR "${TRAINYARD_WASM_HEADERS}/${probe} is missing: run scripts/toolchain first.")
    endif()
  endforeach()
  add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
  target_include_directories(nlohmann_json::nlohmann_json SYSTEM INTERFACE ${TRAINYARD_WASM_HEADERS})
  add_library(Eigen3::Eigen INTERFACE IMPORTED)
  target_include_directories(Eigen3::Eigen SYSTEM INTERFACE ${TRAINYARD_WASM_HEADERS}/eigen3)
  # Eigen 3.4's SSE code does not compile under Emscripten.
  target_compile_definitions(Eigen3::Eigen INTERFACE EIGEN_DONT_VECTORIZE)
  target_include_directories(trainyard_stb SYSTEM INTERFACE ${TRAINYARD_WASM_HEADERS} ${TRAINYARD_WASM_HEADERS}/stb)
  return()
endif()

find_package(nlohmann_json REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(CLI11 QUIET)
find_package(ZLIB QUIET)
find_path(TRAINYARD_STB_DIR stb_image.h PATH_SUFFIXES stb REQUIRED)
target_include_directories(trainyard_stb SYSTEM INTERFACE ${TRAINYARD_STB_DIR})

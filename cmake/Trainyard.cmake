# What every target of this project shares: language, warnings, floating-point rules, layout.

include(Unity)
include(Precompiled)

option(TRAINYARD_WERROR "Treat warnings as errors" ON)
option(TRAINYARD_CUDA "Build the CUDA backend (needs nvcc)" OFF)
option(TRAINYARD_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(TRAINYARD_SANITIZE "" CACHE STRING "Sanitizers for the whole build, as in -fsanitize=<value>")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(TRAINYARD_CCACHE ccache)
if(TRAINYARD_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache cannot tell from the name `em++` that it is a clang.
  set(launcher ${TRAINYARD_CCACHE})
  if(EMSCRIPTEN)
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_COMPILERTYPE=clang ${TRAINYARD_CCACHE})
  endif()
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

if(TRAINYARD_CUDA)
  find_program(TRAINYARD_NVCC nvcc HINTS $ENV{CUDA_HOME}/bin /usr/local/cuda/bin)
  if(NOT TRAINYARD_NVCC)
    message(FATAL_ERROR "TRAINYARD_CUDA=ON needs nvcc: none on the PATH, in CUDA_HOME or in /usr/local/cuda. "
                        "Install the CUDA toolkit or use the preset `native`.")
  endif()
endif()

# One interface target carries the flags, so that nothing outside our targets sees them.
add_library(trainyard_flags INTERFACE)
target_include_directories(trainyard_flags INTERFACE ${PROJECT_SOURCE_DIR})
# GCC 12's -Wrestrict is wrong about `"literal" + std::string` (GCC bug 105651).
target_compile_options(trainyard_flags INTERFACE -Wall -Wextra -ffp-contract=off
                       $<$<BOOL:${TRAINYARD_WERROR}>:-Werror>
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

if(TRAINYARD_SANITIZE)
  # With a sanitizer GCC 12 takes its own <regex> for uninitialized (GCC bug 105562).
  string(REPLACE "," ";" sanitizers "${TRAINYARD_SANITIZE}")
  foreach(sanitizer IN LISTS sanitizers)
    set(option -fsanitize=${sanitizer})
    if(sanitizer STREQUAL undefined) # takes a third of a test's compilation: what is watched is what the tests call
      set(option $<$<NOT:$<BOOL:$<TARGET_PROPERTY:TRAINYARD_IS_TEST>>>:${option}>)
    endif()
    target_compile_options(trainyard_flags INTERFACE ${option})
  endforeach()
  target_compile_options(trainyard_flags INTERFACE -fno-omit-frame-pointer
                         -fno-sanitize-recover=all $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(trainyard_flags INTERFACE -fsanitize=${TRAINYARD_SANITIZE})
  # A test weighs a hundred megabytes here: clang's own linker takes a fifth of the time.
  find_program(TRAINYARD_LLD ld.lld)
  if(TRAINYARD_LLD AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_link_options(trainyard_flags INTERFACE -fuse-ld=lld)
  endif()
endif()
if(TRAINYARD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TRAINYARD_FUZZ=ON needs clang, the compiler is ${CMAKE_CXX_COMPILER_ID}: use the preset `asan`.")
  endif()
  add_custom_target(fuzzers)
endif()

if(EMSCRIPTEN)
  # -pthread for all objects, also those of the module without threads (docs/adr/0012-one-compilation-three-modules.md).
  target_compile_options(trainyard_flags INTERFACE -fwasm-exceptions -msimd128 -pthread)
  target_link_options(trainyard_flags INTERFACE -fwasm-exceptions)
  # A page loads all of the module before the first step: what is not run in a step is compiled for size.
  set(TRAINYARD_COLD -Oz)
else()
  # What runs once a training, not once a step, takes an optimizer longer than it ever saves.
  set(TRAINYARD_COLD $<$<CONFIG:Release>:-O1>)
  # Several sources at a time are much to keep in memory; below a gigabyte GCC need not look for what it could give back (6 % of its time).
  if(TRAINYARD_UNITY)
    target_compile_options(trainyard_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1000000>)
  endif()
  find_package(Threads REQUIRED)
  target_link_libraries(trainyard_flags INTERFACE Threads::Threads)
endif()

# trainyard_library(NAME <target> [COLD|ONCE|FUZZED] [SOURCES <file>...] [DEPS <target>...])
# A static library, or an interface one when it has no sources. DEPS are public: a room's headers may show the headers of the rooms below it.
# COLD: not what a step runs; compiled for size in WebAssembly, quickly elsewhere.
# ONCE: cold, and without loops over numbers: with sanitizers its compilation takes longer than whatever an optimizer could save there.
# FUZZED: cold, and told by the fuzzers which of its branches they reached.
function(trainyard_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "COLD;ONCE;FUZZED" "NAME" "SOURCES;DEPS")
  if(arg_SOURCES)
    add_library(${arg_NAME} STATIC ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PUBLIC trainyard_flags ${arg_DEPS})
    set(flags cold)
    if(arg_COLD OR arg_ONCE OR arg_FUZZED)
      target_compile_options(${arg_NAME} PRIVATE ${TRAINYARD_COLD})
    endif()
    if(arg_ONCE AND TRAINYARD_SANITIZE)
      set(flags once)
      target_compile_options(${arg_NAME} PRIVATE -O0)
    elseif(arg_FUZZED AND TRAINYARD_FUZZ)
      set(flags fuzzed)
      target_compile_options(${arg_NAME} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    trainyard_unity(${arg_NAME})
    if(arg_COLD OR arg_ONCE OR arg_FUZZED)
      trainyard_precompile(${arg_NAME} ${flags})
    endif()
  else()
    add_library(${arg_NAME} INTERFACE)
    target_link_libraries(${arg_NAME} INTERFACE trainyard_flags ${arg_DEPS})
  endif()
endfunction()

# trainyard_executable(NAME <target> SOURCES <file>... [DEPS <target>...] [FOLDER <folder of the build tree>])
function(trainyard_executable)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;FOLDER" "SOURCES;DEPS")
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_link_libraries(${arg_NAME} PRIVATE trainyard_flags ${arg_DEPS})
  trainyard_unity(${arg_NAME})
  set_target_properties(${arg_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${arg_FOLDER})
endfunction()

# A test that fails tells its line itself.
function(trainyard_is_test target)
  set_target_properties(${target} PROPERTIES TRAINYARD_IS_TEST ON)
  if(TRAINYARD_SANITIZE)
    target_compile_options(${target} PRIVATE -g0)
  endif()
endfunction()

# For tests, and what they are made of: compiled often and run once.
function(trainyard_compile_for_one_run target)
  trainyard_is_test(${target})
  target_compile_options(${target} PRIVATE -O0)
  trainyard_precompile(${target} tests)
endfunction()

# trainyard_test(NAME <target> [LOOPS] SOURCES <file>... [DEPS <target>...] [TIMEOUT <seconds>])
# A GoogleTest program in <build>/tests; ctest knows each of its cases, labelled with the name. They run in the
# repository root. Tests are compiled often and run once, so without an optimizer, which takes minutes for their tables of JSON. LOOPS: it
# loops over numbers, so that one is worth its while.
function(trainyard_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "LOOPS" "NAME;TIMEOUT" "SOURCES;DEPS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  trainyard_executable(NAME ${arg_NAME} FOLDER tests SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} GTest::gtest_main)
  if(arg_LOOPS)
    trainyard_is_test(${arg_NAME})
    target_compile_options(${arg_NAME} PRIVATE $<$<CONFIG:Release>:-Og>)
    trainyard_precompile(${arg_NAME} loops)
  else()
    trainyard_compile_for_one_run(${arg_NAME})
  endif()
  gtest_discover_tests(${arg_NAME} DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                       DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${arg_NAME})
endfunction()

# trainyard_fuzzer(NAME <target> SOURCES <file>... [DEPS <target>...])
# A libFuzzer program in <build>/fuzz, built by the target `fuzzers`; nothing at all where TRAINYARD_FUZZ is off.
function(trainyard_fuzzer)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPS")
  if(NOT TRAINYARD_FUZZ)
    return()
  endif()
  trainyard_executable(NAME ${arg_NAME} FOLDER fuzz SOURCES ${arg_SOURCES} DEPS ${arg_DEPS})
  target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${arg_NAME})
endfunction()

# TRAINYARD_UNITY compiles several sources as one, which makes a build from nothing about three times as fast: most of
# the time goes into the same headers and templates again and again. The scripts use it for folders that nobody
# develops in; a build by hand compiles file by file.
option(TRAINYARD_UNITY "Compile several sources as one" OFF)
set(TRAINYARD_UNITY_APART "" CACHE STRING "Targets that stay file by file even so (scripts/lib.sh finds them)")
set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)

function(trainyard_unity target)
  if(TRAINYARD_UNITY AND NOT target IN_LIST TRAINYARD_UNITY_APART)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
  endif()
endfunction()

# trainyard_unity_apart(<target> <source>...): sources whose private names are those of a neighbour.
function(trainyard_unity_apart target)
  if(TARGET ${target})
    get_target_property(folder ${target} SOURCE_DIR)
    list(TRANSFORM ARGN PREPEND ${folder}/)
    set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# trainyard_unity_by_folder(<target>): only sources of one folder are compiled together, so that folders may name things alike.
function(trainyard_unity_by_folder target)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_filename_component(folder ${source} DIRECTORY)
    get_filename_component(folder ${folder} NAME)
    set_source_files_properties(${source} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${folder})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()

function(trainyard_unity_exceptions)
  trainyard_unity_apart(trainyard_io stb.cc sha256.cc)
  trainyard_unity_apart(trainyard_cpu depthwise.cc filter_gradient.cc input_gradient.cc)
  trainyard_unity_by_folder(trainyard_train)
  trainyard_unity_apart(layers_test layer_formula_test.cc normalization_test.cc)
  trainyard_unity_apart(data_test csv_test.cc idx_test.cc)
endfunction()

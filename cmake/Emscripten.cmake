# CMake toolchain file of the WebAssembly presets. The compiler is a suitable emcc on the PATH (emsdk),
# else the one that scripts/toolchain made in the user's cache folder.
set(CMAKE_SYSTEM_NAME Emscripten)
set(CMAKE_SYSTEM_VERSION 1)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CROSSCOMPILING TRUE)
set(EMSCRIPTEN TRUE)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})

if(NOT TRAINYARD_EMSCRIPTEN_BIN)
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../scripts/toolchain --print-bin
                  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "No emcc of 3.1.69 or later: run scripts/toolchain first.")
  endif()
  set(TRAINYARD_EMSCRIPTEN_BIN ${found} CACHE PATH "Folder with emcc, em++, emar, emranlib")
endif()
# try_compile runs this file again, in a project of its own.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TRAINYARD_EMSCRIPTEN_BIN)

set(CMAKE_C_COMPILER ${TRAINYARD_EMSCRIPTEN_BIN}/emcc)
set(CMAKE_CXX_COMPILER ${TRAINYARD_EMSCRIPTEN_BIN}/em++)
set(CMAKE_AR ${TRAINYARD_EMSCRIPTEN_BIN}/emar CACHE FILEPATH "")
set(CMAKE_RANLIB ${TRAINYARD_EMSCRIPTEN_BIN}/emranlib CACHE FILEPATH "")

# Nothing of the host's may be found for the target.
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

// The one place where stb's code is compiled.
#include <cstdlib>

#include "engine/core/check.h"

// Zeroed: the JPEG decoder reads tables that a damaged file never defined. An assertion of stb's must not end a tab.
#define STBI_MALLOC(size) std::calloc(1, size)
#define STBI_REALLOC(memory, size) std::realloc(memory, size)
#define STBI_FREE(memory) std::free(memory)
#define STBI_ASSERT(condition) trainyard::check((condition), "stb_image contradicts itself")
#ifdef __EMSCRIPTEN__
#define STBI_NO_THREAD_LOCALS  // the module without threads has none
#endif
#define STB_IMAGE_IMPLEMENTATION
#include "engine/io/stb.h"

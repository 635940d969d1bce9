// The one place where stb's code is compiled.
#define STB_IMAGE_IMPLEMENTATION
#include "engine/io/stb.h"

# The private Emscripten root's system headers lie at paths that exist inside it alone: left in the list of
# dependencies, ninja would take every object for out of date, every time.
set(CMAKE_DEPFILE_FLAGS_CXX "-MMD -MT <DEP_TARGET> -MF <DEP_FILE>")

// keras.initializers.STFT: weights that make a convolution a short-time Fourier transform.
#pragma once

#include "engine/layers/initializer.h"

namespace trainyard::initializers {

const ClassInfo& stft_declaration();

}  // namespace trainyard::initializers

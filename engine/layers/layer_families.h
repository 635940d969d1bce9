// The layers of the families that are not named one by one in registry.cc, in the order in which they are listed.
#pragma once

#include <vector>

#include "engine/core/declare.h"

namespace trainyard {

using LayerClasses = std::vector<const ClassInfo*>;

LayerClasses reshaping_layers();
LayerClasses merging_layers();
LayerClasses normalization_layers();
LayerClasses regularization_layers();
LayerClasses preprocessing_layers();
LayerClasses convolution_variants();
LayerClasses resizing_layers();
LayerClasses normalization_variants();
LayerClasses noise_layers();
LayerClasses embedding_layers();

}  // namespace trainyard

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
LayerClasses image_size_layers();
LayerClasses augmentation_color_layers();
LayerClasses augmentation_geometry_layers();
LayerClasses augmentation_patch_layers();
LayerClasses augmentation_mixed_layers();
LayerClasses histogram_layers();
LayerClasses spectrogram_layers();
LayerClasses pipeline_layers();
LayerClasses bounding_box_layers();
LayerClasses structured_data_layers();
LayerClasses einsum_layers();
LayerClasses spectral_normalization_layers();
LayerClasses attention_layers();
LayerClasses multi_head_attention_layers();
LayerClasses grouped_attention_layers();
LayerClasses dot_layers();
LayerClasses ternary_layers();
LayerClasses adaptive_pooling_layers();
LayerClasses wrapper_layers();
LayerClasses recurrent_cells();
LayerClasses recurrent_layers();
LayerClasses bidirectional_layers();
LayerClasses conv_lstm_layers();

// The parts of structured_data_layers(), each in a file of its own.
const ClassInfo& normalization_layer();
const ClassInfo& discretization_layer();
const ClassInfo& category_encoding();
const ClassInfo& hashing_layer();
const ClassInfo& hashed_crossing();
const ClassInfo& integer_lookup();
const ClassInfo& string_lookup();
const ClassInfo& text_vectorization();

}  // namespace trainyard

// The table of all layers. Explicit, because linkers drop objects that only register themselves.
#include "engine/layers/activation_layers.h"
#include "engine/layers/convolution.h"
#include "engine/layers/dense.h"
#include "engine/layers/input_layer.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/pooling.h"

namespace trainyard {

const Registry& Layer::registry() {
  using namespace layers;
  using op::PoolKind;
  static const Registry kRegistry = [] {
    LayerClasses all = {&InputLayer::declaration(),
                        &Dense::declaration(),
                        &Conv<1>::declaration(),
                        &Conv<2>::declaration(),
                        &Conv<3>::declaration(),
                        &Pooling<1, PoolKind::max>::declaration(),
                        &Pooling<2, PoolKind::max>::declaration(),
                        &Pooling<3, PoolKind::max>::declaration(),
                        &Pooling<1, PoolKind::average>::declaration(),
                        &Pooling<2, PoolKind::average>::declaration(),
                        &Pooling<3, PoolKind::average>::declaration(),
                        &GlobalPooling<1, PoolKind::max>::declaration(),
                        &GlobalPooling<2, PoolKind::max>::declaration(),
                        &GlobalPooling<3, PoolKind::max>::declaration(),
                        &GlobalPooling<1, PoolKind::average>::declaration(),
                        &GlobalPooling<2, PoolKind::average>::declaration(),
                        &GlobalPooling<3, PoolKind::average>::declaration(),
                        &ActivationLayer::declaration(),
                        &ReLU::declaration(),
                        &LeakyReLU::declaration(),
                        &ELU::declaration(),
                        &PReLU::declaration(),
                        &SoftmaxLayer::declaration()};
    for (const LayerClasses& family : {reshaping_layers(),
                                       merging_layers(),
                                       normalization_layers(),
                                       regularization_layers(),
                                       preprocessing_layers(),
                                       convolution_variants(),
                                       resizing_layers(),
                                       normalization_variants(),
                                       noise_layers(),
                                       embedding_layers(),
                                       image_size_layers(),
                                       augmentation_color_layers(),
                                       augmentation_geometry_layers(),
                                       augmentation_patch_layers(),
                                       augmentation_mixed_layers(),
                                       histogram_layers(),
                                       spectrogram_layers(),
                                       pipeline_layers(),
                                       bounding_box_layers(),
                                       structured_data_layers(),
                                       attention_layers(),
                                       multi_head_attention_layers(),
                                       grouped_attention_layers(),
                                       einsum_layers(),
                                       spectral_normalization_layers(),
                                       dot_layers(),
                                       ternary_layers(),
                                       adaptive_pooling_layers(),
                                       wrapper_layers(),
                                       recurrent_cells(),
                                       recurrent_layers(),
                                       bidirectional_layers(),
                                       conv_lstm_layers()})
      all.insert(all.end(), family.begin(), family.end());
    return Registry(kGroup, std::move(all));
  }();
  return kRegistry;
}

}  // namespace trainyard

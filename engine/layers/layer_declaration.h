// What every layer's declaration begins with.
#pragma once

#include "engine/layers/layer.h"

namespace trainyard {

/// T, a layer, with `static const ClassInfo& declaration()`.
template <typename T, typename Base = Layer>
class LayerOf : public Base {
 public:
  const ClassInfo& info() const override { return T::declaration(); }
};

struct LayerDeclarationOptions {
  bool trainable = true;
  /// Keras writes activity_regularizer even where it is None.
  bool prints_activity_regularizer = false;
};

/// A declaration with the arguments that all layers have, in the order in which Keras writes them.
template <typename T>
Declaration<T> layer_declaration(std::string_view class_name, std::string_view family, std::string_view doc,
                                 LayerDeclarationOptions options = {}) {
  Declaration<T> declaration(class_name, family, doc);
  declaration.arg("name", &T::name, "The layer's own name; left empty, one is made up.",
                  {.advanced = true, .null_is_default = true});
  declaration.arg("trainable", &T::trainable, "Off: the layer's weights stay as they are in training.",
                  {.advanced = true, .null_is_default = true});
  declaration.arg("dtype", &T::dtype, "Precision of its numbers.", {.advanced = true});
  declaration.arg("activity_regularizer", &T::activity_regularizer,
                  "Penalty on what the layer puts out, added to the loss.",
                  {.advanced = true, .omit_null = !options.prints_activity_regularizer});
  return declaration;
}

inline constexpr ArgOptions kSeedRange{.min = 0, .max = 9007199254740991.0, .advanced = true};
inline constexpr const char* kSeedDoc = "Makes the layer draw numbers of its own; None goes by the training's seed.";

}  // namespace trainyard

// What Keras calls compile_config, in the forms that its ages and its models' dictionaries of outputs give it.
#pragma once

#include "engine/layers/model.h"

namespace trainyard {

/// The same setup as parse_setup reads it: without what Keras 2 said of an optimizer beside its arguments, without a list
/// around the metrics of an only output, and with outputs called by their layers where they were by their dictionary's keys.
Json plain_setup(Json setup, const Model& model, const std::vector<std::string>& output_names);

}  // namespace trainyard

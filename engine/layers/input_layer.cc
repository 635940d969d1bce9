#include "engine/layers/input_layer.h"

namespace trainyard {

void ArgTraits<DType>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::dtype;
  spec.choices = {"float32", "float64", "int32", "int64", "uint8", "bool"};
}

void ArgTraits<InputDType>::describe(ArgSpec& spec) {
  ArgTraits<DType>::describe(spec);
  spec.choices.emplace_back("string");
}

bool ArgTraits<InputDType>::parse(const Json& value, InputDType& result, const ArgSpec& spec,
                                  const ParseContext& context) {
  result.text = value == "string";
  return result.text || ArgTraits<DType>::parse(value, result.dtype, spec, context);
}

Json ArgTraits<InputDType>::print(const InputDType& value) {
  return value.text ? Json("string") : ArgTraits<DType>::print(value.dtype);
}

bool ArgTraits<DType>::parse(const Json& value, DType& result, const ArgSpec& spec, const ParseContext& context) {
  const Json* name = &value;
  if (value.is_object() && value.contains("config") && value["config"].is_object() && value["config"].contains("name"))
    name = &value["config"]["name"];
  if (name->is_string())
    for (const std::string& choice : spec.choices)
      if (*name == choice && choice != "string") return result = *dtype_from_name(choice), true;
  std::string known;
  for (const std::string& choice : spec.choices) known += (known.empty() ? "" : ", ") + choice;
  context.error("argument.choice", {{"choices", known}, {"value", name->dump()}});
  return false;
}

namespace layers {

const ClassInfo& InputLayer::declaration() {
  static const ClassInfo kInfo =
      Declaration<InputLayer>("InputLayer", "core", "Where data enters: says the shape of one sample.")
          .aliases({"Input"})
          .arg("batch_shape", &InputLayer::batch_shape, "Shape with the batch in front (None: any batch).",
               {.min = 0, .advanced = true})
          .arg("shape", &InputLayer::shape, "Shape of one sample, without the batch.", {.min = 0, .omit_null = true})
          .arg("batch_size", &InputLayer::batch_size, "A fixed batch size; None for any.",
               {.min = 1, .advanced = true, .omit_null = true})
          .arg("dtype", &InputLayer::input_dtype, "What enters: numbers of some kind, or text.",
               {.advanced = true, .null_is_default = true})
          .arg("name", &InputLayer::name, "The layer's own name; left empty, one is made up.",
               {.advanced = true, .null_is_default = true})
          .arg("trainable", &InputLayer::given_trainable, "Nothing here to act on: an input has no weights.",
               {.advanced = true, .null_is_default = true, .omit_null = true})
          .arg("activity_regularizer", &InputLayer::given_regularizer,
               "Nothing here to act on: an input is not penalised, as in Keras.", {.advanced = true, .omit_null = true})
          .refuse("sparse", "false", "there are no sparse tensors here", true)
          .refuse("ragged", "false", "there are no ragged tensors here", true)
          .arg("optional", &InputLayer::optional, "It may be left out where a layer can do without it.", kAdvanced)
          .refuse("input_tensor", "null", "a file cannot hold a tensor")
          .refuse("tensor", "null", "a file cannot hold a tensor")
          .settle([](InputLayer& layer) {
            if (!layer.shape) return;
            layer.batch_shape = layer.shape->with_front(layer.batch_size.value_or(kUnknown));
            layer.shape.reset();
            layer.batch_size.reset();
          })
          .rule([](const InputLayer& layer, const ParseContext& context) {
            if (!layer.batch_shape) return context.child("shape").error("argument.missing");
            if (layer.batch_shape->rank() == 0) return context.child("batch_shape").error("input.no_batch");
            for (int axis = 1; axis < layer.batch_shape->rank(); ++axis)
              if ((*layer.batch_shape)[axis] == 0)
                context.child("shape").error("input.empty", {{"shape", layer.batch_shape->text()}});
          })
          .summary({"batch_shape"})
          .build();
  return kInfo;
}

void InputLayer::build(BuildContext& context) const {
  if (!batch_shape || batch_shape->rank() == 0) return context.error("shape", "argument.missing");
  context.add_output({input_dtype.dtype, *batch_shape, input_dtype.text});
}

void InputLayer::call(CallContext&) const { check(false, "an InputLayer is bound, not called"); }

}  // namespace layers
}  // namespace trainyard

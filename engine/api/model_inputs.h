// From a table - a data set's, or rows to predict from - to what a model's inputs take.
#pragma once

#include <string>
#include <vector>

#include "engine/api/training_data.h"
#include "engine/core/text_tensor.h"
#include "engine/layers/model.h"
#include "engine/train/adapt.h"
#include "engine/train/saved_model.h"

namespace trainyard {

/// Rows as a data set holds them; nothing is owned beside cheap copies.
struct InputTable {
  Tensor x;
  TextTensor text;
  std::vector<std::string> features;
  std::vector<std::string> text_columns;
  Standardization standardization;
};

InputTable table_of(const Dataset& dataset, DataPart part);

/// One value for each input of the model. A model with one input of numbers takes x as it is. Else an Input takes the column
/// that bears its name; an only Input of text takes all columns of words, an only Input of numbers all columns of numbers
/// (not the features made of words). Inputs of whole numbers get them as they stand in the table, not standardised.
/// Throws UserError data.text_column, data.no_column.
std::vector<HostValue> model_inputs(const InputTable& table, const Model& model, const ModelPlan& plan);

/// Features that hold a column's numbers, not one of its words.
std::vector<size_t> number_columns(const InputTable& table);

/// The features whose numbers go into an Input of the model: none for one of text.
std::vector<size_t> columns_of_input(const InputTable& table, const Model& model, const ModelPlan& plan,
                                     const TensorRef& input);

/// What enters the graph: model_inputs, with text read (text_inputs.h).
std::vector<Tensor> graph_tensors(const InputTable& table, const Model& model, const ModelPlan& plan);

/// Adapts what is to be adapted to the training part. `weight`: as AdaptRequest has it.
AdaptedModel adapt_to(const Dataset& dataset, const std::shared_ptr<const Model>& model,
                      const std::shared_ptr<Device>& device,
                      const std::function<Tensor(const std::string& path)>& weight = {});

/// Texts that someone typed, one a sample, for a model whose only input takes one text a sample. Throws UserError
/// predict.no_text where that is not so.
std::vector<HostValue> typed_texts(const std::vector<std::string>& texts, const Model& model, const ModelPlan& plan);

}  // namespace trainyard

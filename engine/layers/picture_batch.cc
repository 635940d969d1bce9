#include "engine/layers/picture_batch.h"

namespace trainyard {
namespace {

constexpr const char* kBoxes = "bounding_boxes.boxes";
constexpr const char* kBoxLabels = "bounding_boxes.labels";
constexpr const char* kImages = "images";
constexpr const char* kLabels = "labels";
constexpr const char* kMasks = "segmentation_masks";

bool may_equal(int64_t a, int64_t b) { return a == kUnknown || b == kUnknown || a == b; }

/// One call's shapes; complaints stand at the entries.
class Checker {
 public:
  Checker(BuildContext& context, const PictureInputs& inputs, const PictureRules& rules)
      : context_(context), inputs_(inputs), rules_(rules) {}

  bool run() {
    check_counts();
    if (inputs_.boxes >= 0 || inputs_.box_labels >= 0) check_boxes();
    if (inputs_.masks >= 0 && rules_.effects.masks) check_masks();
    if (inputs_.labels >= 0 && rules_.effects.labels && context_.shape(inputs_.labels).rank() != 2)
      context_.error(kLabels, "image.labels_shape", {{"shape", context_.shape(inputs_.labels).text()}});
    return !context_.failed();
  }

  Shape result_of(int input, std::optional<int64_t> box_count) const {
    Shape shape = context_.shape(input);
    if (input == inputs_.images || (input == inputs_.masks && rules_.effects.masks)) return rules_.result(shape);
    if (input != inputs_.boxes && input != inputs_.box_labels) return shape;
    if (rules_.effects.boxes == BoxEffect::join) shape[1] = kUnknown;  // more of them in training
    if (box_count) shape[1] = *box_count;
    return shape;
  }

 private:
  void check_counts() {
    const int64_t pictures = context_.shape(inputs_.images).front();
    for (const int i : {inputs_.boxes, inputs_.box_labels, inputs_.images, inputs_.labels, inputs_.masks}) {
      if (i < 0) continue;
      const Shape& shape = context_.shape(i);
      const std::string& name = context_.arguments().names[static_cast<size_t>(i)];
      if (shape.rank() == 0 || !may_equal(shape.front(), pictures))
        context_.error(name, "image.entry_count",
                       {{"shape", shape.text()}, {"images", context_.shape(inputs_.images).text()}});
    }
  }

  void check_boxes() {
    if (inputs_.boxes < 0 || inputs_.box_labels < 0) return context_.error("bounding_boxes", "image.box_labels");
    if (rules_.effects.boxes == BoxEffect::refused)
      return context_.error("bounding_boxes", "image.no_boxes", {{"class_name", rules_.class_name}});
    if (rules_.format_missing) context_.error("bounding_box_format", "image.box_format");
    const Shape& boxes = context_.shape(inputs_.boxes);
    const Shape& labels = context_.shape(inputs_.box_labels);
    if (boxes.rank() != 3 || boxes[2] != 4 || labels.rank() < 2 || labels.rank() > 3 || !may_equal(boxes[1], labels[1]))
      context_.error(kBoxes, "image.box_shape", {{"boxes", boxes.text()}, {"labels", labels.text()}});
  }

  void check_masks() {
    const Shape& masks = context_.shape(inputs_.masks);
    const Shape pictures = to_channels_last(context_.shape(inputs_.images), rules_.data_format);
    const Shape last = to_channels_last(masks, rules_.data_format);
    if (last.rank() != 4 || !may_equal(last[1], pictures[1]) || !may_equal(last[2], pictures[2]))
      context_.error(kMasks, "image.masks_shape",
                     {{"masks", masks.text()}, {"images", context_.shape(inputs_.images).text()}});
  }

  BuildContext& context_;
  const PictureInputs& inputs_;
  const PictureRules& rules_;
};

}  // namespace

std::vector<std::string> picture_entries() { return {kBoxes, kBoxLabels, kImages, kLabels, kMasks}; }

std::string plain_picture_entry() { return kImages; }

PictureInputs::PictureInputs(const CallArguments& arguments)
    : boxes(arguments.input(kBoxes)),
      box_labels(arguments.input(kBoxLabels)),
      images(arguments.input(kImages)),
      labels(arguments.input(kLabels)),
      masks(arguments.input(kMasks)) {
  for (size_t i = 0; i < arguments.names.size(); ++i)
    if (!arguments.names[i].empty()) in_order.push_back(static_cast<int>(i));
  dictionary = !in_order.empty();
  if (!dictionary) images = 0;
}

bool build_pictures(BuildContext& context, const PictureInputs& inputs, const PictureRules& rules,
                    std::optional<int64_t> box_count) {
  if (!inputs.dictionary) return context.add_output(rules.result(context.shape())), true;
  Checker checker(context, inputs, rules);
  if (!checker.run()) return false;
  for (const int i : inputs.in_order) context.add_output(checker.result_of(i, box_count));
  return true;
}

void Pictures::move_boxes(const std::function<Corners(const Corners&)>& move, const PictureSize& result, bool mark) {
  if (!boxes) return;
  const Corners corners = cut_to(move(corners_of(boxes, box_format, size())), result);
  boxes = boxes_of(corners, box_format, result);
  if (mark) box_labels = without_empty(box_labels, corners);
}

Pictures take_pictures(const CallContext& context, const PictureInputs& inputs, const PictureEffects& effects,
                       DataFormat data_format, const std::optional<BoxFormat>& box_format) {
  Pictures pictures;
  pictures.images = to_channels_last(context.input(inputs.images), data_format);
  if (inputs.masks >= 0 && effects.masks) pictures.masks = to_channels_last(context.input(inputs.masks), data_format);
  if (inputs.labels >= 0 && effects.labels) pictures.labels = context.input(inputs.labels);
  if (inputs.boxes >= 0 && effects.boxes != BoxEffect::stay) {
    pictures.boxes = context.input(inputs.boxes);
    pictures.box_labels = context.input(inputs.box_labels);
    pictures.box_format = box_format.value_or(BoxFormat::xyxy);
  }
  return pictures;
}

void put_pictures(CallContext& context, const PictureInputs& inputs, const Pictures& pictures, DataFormat data_format) {
  const auto changed = [&](int input) -> Value {
    if (input == inputs.images) return from_channels_last(pictures.images, data_format);
    if (input == inputs.masks && pictures.masks) return from_channels_last(pictures.masks, data_format);
    if (input == inputs.labels) return pictures.labels;
    if (input == inputs.boxes) return pictures.boxes;
    if (input == inputs.box_labels) return pictures.box_labels;
    return {};
  };
  if (!inputs.dictionary) return context.add_output(changed(inputs.images));
  for (const int i : inputs.in_order) {
    const Value value = changed(i);
    context.add_output(value ? value : context.input(i));
  }
}

void hand_on_pictures(CallContext& context, Value images) {
  const PictureInputs inputs(context.arguments());
  if (!inputs.dictionary) return context.add_output(images ? images : context.input());
  for (const int i : inputs.in_order) context.add_output(images && i == inputs.images ? images : context.input(i));
}

}  // namespace trainyard

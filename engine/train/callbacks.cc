#include "engine/train/callbacks.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>

#include "engine/train/callbacks/callback_classes.h"

namespace trainyard {
namespace {

std::optional<double> value_of(const std::string& name, const CallbackMoment& moment) {
  if (name == "epoch") return static_cast<double>(moment.epoch + 1);
  if (name == "batch" && moment.batch >= 0) return static_cast<double>(moment.batch + 1);
  for (const auto& [key, value] : moment.logs)
    if (key == name) return value;
  return std::nullopt;
}

[[noreturn]] void refuse_path(const std::string& pattern, const std::string& part) {
  throw UserError("callback.path", pattern, {{"part", part}});
}

/// "[0][width][.precision][type]", its parts with their own signs; nothing where it is no such format.
struct NumberFormat {
  std::string width, precision, type;
};
std::optional<NumberFormat> read_format(const std::string& format) {
  const auto digits_from = [&](size_t at, size_t most) {
    size_t count = 0;
    while (count < most && at + count < format.size() && std::isdigit(static_cast<unsigned char>(format[at + count])))
      ++count;
    return count;
  };
  NumberFormat parts;
  size_t at = digits_from(0, format.starts_with('0') ? 3 : 2);
  parts.width = format.substr(0, at);
  if (at < format.size() && format[at] == '.') {
    const size_t count = digits_from(at + 1, 2);
    if (count == 0) return std::nullopt;
    parts.precision = format.substr(at, count + 1);
    at += count + 1;
  }
  parts.type = format.substr(at);
  if (parts.type.size() > 1 || parts.type.find_first_not_of("dfeg") != std::string::npos) return std::nullopt;
  return parts;
}

/// One "{name:format}". `format` is what stands after the colon.
std::string formatted(const std::string& pattern, const std::string& name, const std::string& format,
                      const CallbackMoment& moment) {
  const std::optional<double> value = value_of(name, moment);
  const std::optional<NumberFormat> parts = read_format(format);
  if (!value || !parts) refuse_path(pattern, "{" + name + (format.empty() ? "" : ":" + format) + "}");
  const bool counted = name == "epoch" || name == "batch";
  if (format.empty()) return counted ? std::to_string(static_cast<int64_t>(*value)) : Json(*value).dump();
  const std::string type = !parts->type.empty() ? parts->type : counted ? "d" : "g";
  char text[400];
  if (type == "d") {
    if (!counted || !parts->precision.empty()) refuse_path(pattern, "{" + name + ":" + format + "}");
    std::snprintf(text, sizeof text, ("%" + parts->width + "lld").c_str(), static_cast<long long>(*value));
  } else {
    std::snprintf(text, sizeof text, ("%" + parts->width + parts->precision + type).c_str(), *value);
  }
  return text;
}

void set_log(std::vector<std::pair<std::string, double>>& logs, const std::string& name, double value) {
  for (auto& [key, old] : logs)
    if (key == name) {
      old = value;
      return;
    }
  logs.emplace_back(name, value);
}

}  // namespace

std::string format_path(const std::string& pattern, const CallbackMoment& moment) {
  std::string path;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool doubled = i + 1 < pattern.size() && pattern[i + 1] == pattern[i];
    if (pattern[i] == '{' && !doubled) {
      const size_t end = pattern.find('}', i);
      if (end == std::string::npos) refuse_path(pattern, pattern.substr(i));
      const std::string inside = pattern.substr(i + 1, end - i - 1);
      const size_t colon = inside.find(':');
      path += formatted(pattern, inside.substr(0, colon), colon == std::string::npos ? "" : inside.substr(colon + 1),
                        moment);
      i = end;
    } else {
      if (pattern[i] == '}' && !doubled) refuse_path(pattern, "}");
      path += pattern[i];
      if (pattern[i] == '{' || pattern[i] == '}') ++i;
    }
  }
  return path;
}

CallbackList::CallbackList(std::vector<std::shared_ptr<const Callback>> callbacks) : callbacks_(std::move(callbacks)) {
  begin();
}

void CallbackList::begin() {
  memories_.clear();
  for (const auto& callback : callbacks_) memories_.push_back(callback->begin());
}

bool CallbackList::any(bool (Callback::*question)() const) const {
  return std::any_of(callbacks_.begin(), callbacks_.end(),
                     [question](const auto& callback) { return ((*callback).*question)(); });
}

bool CallbackList::watches_batches() const { return any(&Callback::watches_batches); }
bool CallbackList::ends_on_nan() const { return any(&Callback::ends_on_nan); }
bool CallbackList::evaluates_average() const { return any(&Callback::evaluates_average); }
bool CallbackList::saves_average() const { return any(&Callback::saves_average); }

std::string CallbackList::backup_path() const {
  for (const auto& callback : callbacks_)
    if (std::string path = callback->backup_path(); !path.empty()) return path;
  return {};
}

CallbackActions CallbackList::on_epoch_begin(const CallbackMoment& moment) {
  CallbackActions actions;
  for (size_t i = 0; i < callbacks_.size(); ++i) callbacks_[i]->on_epoch_begin(moment, memories_[i], actions);
  return actions;
}

CallbackActions CallbackList::on_batch_end(const CallbackMoment& moment) {
  CallbackActions actions;
  for (size_t i = 0; i < callbacks_.size(); ++i) callbacks_[i]->on_batch_end(moment, memories_[i], actions);
  return actions;
}

CallbackActions CallbackList::on_epoch_end(const CallbackMoment& moment) {
  CallbackActions actions;
  actions.logs.assign(moment.logs.begin(), moment.logs.end());
  bool average = false;
  for (size_t i = 0; i < callbacks_.size(); ++i) {
    if (callbacks_[i]->logs_learning_rate())
      set_log(actions.logs, "learning_rate", actions.learning_rate.value_or(moment.learning_rate));
    const std::vector<std::pair<std::string, double>> logs = actions.logs;
    CallbackMoment seen = moment;
    seen.logs = logs;
    const size_t saves = actions.saves.size();
    const size_t keeps = actions.keep_weights.size();
    callbacks_[i]->on_epoch_end(seen, memories_[i], i, actions);
    average |= callbacks_[i]->saves_average();
    for (size_t s = saves; s < actions.saves.size(); ++s)
      actions.saves[s].average = average && !actions.saves[s].backup;
    for (size_t k = keeps; k < actions.keep_weights.size(); ++k) actions.keep_weights[k].average = average;
  }
  return actions;
}

CallbackActions CallbackList::on_train_end() {
  CallbackActions actions;
  for (size_t i = 0; i < callbacks_.size(); ++i) callbacks_[i]->on_train_end(memories_[i], i, actions);
  return actions;
}

Json CallbackList::memory() const {
  Json list = Json::array();
  for (size_t i = 0; i < callbacks_.size(); ++i)
    list.push_back({{"class_name", callbacks_[i]->info().class_name}, {"memory", memories_[i]}});
  return list;
}

bool CallbackList::set_memory(const Json& memory) {
  if (!memory.is_array() || memory.size() != callbacks_.size()) return false;
  std::vector<Json> memories;
  for (size_t i = 0; i < callbacks_.size(); ++i) {
    const Json& entry = memory[i];
    if (!entry.is_object() || entry.value("class_name", "") != callbacks_[i]->info().class_name) return false;
    // Whatever a file lacks or has of another type begins anew.
    Json own = callbacks_[i]->begin();
    const Json given = entry.value("memory", Json::object());
    for (auto& [key, value] : own.items())
      if (given.is_object() && given.contains(key) &&
          (value.is_null() || given[key].is_null() || value.type() == given[key].type() ||
           (value.is_number() && given[key].is_number())))
        value = given[key];
    memories.push_back(std::move(own));
  }
  memories_ = std::move(memories);
  return true;
}

Json CallbackList::config() const {
  Json list = Json::array();
  for (const auto& callback : callbacks_) list.push_back(Callback::print(*callback));
  return list;
}

CallbackList parse_callbacks(const Json& json, const ParseContext& context) {
  std::vector<std::shared_ptr<const Callback>> callbacks;
  if (json.is_null()) return {};
  if (!json.is_array()) {
    context.expected("a list of callbacks", json);
    return {};
  }
  for (size_t i = 0; i < json.size(); ++i) {
    std::shared_ptr<const Declared> parsed = Callback::registry().parse(json[i], context.item(i));
    if (parsed != nullptr) callbacks.push_back(std::static_pointer_cast<const Callback>(parsed));
  }
  return CallbackList(std::move(callbacks));
}

const Registry& Callback::registry() {
  static const Registry kRegistry = [] {
    std::vector<const ClassInfo*> classes;
    for (const auto& family : {monitor_callbacks(), saving_callbacks(), other_callbacks()})
      classes.insert(classes.end(), family.begin(), family.end());
    return Registry(kGroup, std::move(classes));
  }();
  return kRegistry;
}

}  // namespace trainyard

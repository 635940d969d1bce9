#include "engine/core/declare.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "engine/core/keras_object.h"

namespace trainyard {
namespace {

std::string number_text(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? std::to_string(static_cast<int64_t>(value))
                                                              : Json(value).dump();
}

bool in_range(double value, const ArgOptions& options) {
  return (options.above_min ? value > options.min : value >= options.min) &&
         (options.below_max ? value < options.max : value <= options.max);
}

Json describe_arg(const ClassInfo::Arg& arg, const Json& default_value) {
  const ArgSpec& spec = arg.spec;
  const ArgOptions& options = spec.options;
  Json entry = {{"name", spec.name},
                {"kind", name_of(spec.kind)},
                {"doc", spec.doc},
                {"required", options.required},
                {"nullable", spec.nullable},
                {"default", spec.nullable && default_value == Json("") ? Json(nullptr) : default_value},
                {"advanced", options.advanced}};
  if (std::isfinite(options.min)) entry["min"] = options.min;
  if (std::isfinite(options.max)) entry["max"] = options.max;
  if (!spec.choices.empty()) entry["choices"] = spec.choices;
  if (spec.length > 0) entry["length"] = spec.length;
  if (!spec.group.empty()) entry["group"] = spec.group;
  if (options.visible_arg != nullptr)
    entry["visible_when"] = {{"arg", options.visible_arg},
                             {"values", Json::array({Json::parse(options.visible_value)})}};
  return entry;
}

std::string known_args(const ClassInfo& info) {
  std::string known;
  for (const ClassInfo::Arg& arg : info.args) known += (known.empty() ? "" : ", ") + arg.spec.name;
  return known;
}

/// True when `name` is a refused argument; complains unless it has its default.
bool check_refused(const ClassInfo& info, const std::string& name, const Json& value, const ParseContext& context) {
  for (const ClassInfo::Refused& refused : info.refused) {
    if (refused.name != name) continue;
    if (!value.is_null() && value != Json::parse(refused.default_text))
      context.child(name).error("argument.refused", {{"reason", refused.reason}});
    return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(ArgKind kind) {
  switch (kind) {
    case ArgKind::flag: return "flag";
    case ArgKind::integer: return "int";
    case ArgKind::number: return "float";
    case ArgKind::text: return "text";
    case ArgKind::choice: return "choice";
    case ArgKind::int_tuple: return "int_tuple";
    case ArgKind::int_list: return "int_list";
    case ArgKind::shape: return "shape";
    case ArgKind::padding: return "padding";
    case ArgKind::axis: return "axis";
    case ArgKind::dtype: return "dtype";
    case ArgKind::reference: return "reference";
    case ArgKind::number_or_schedule: return "number_or_schedule";
    case ArgKind::json: return "json";
  }
  return "json";
}

void ParseContext::error(std::string code, Diagnostics::Params params) const {
  diagnostics_.add({std::move(code), path_, std::move(params), Severity::error, node_, arg_});
}

void ParseContext::expected(const std::string& expected, const Json& value) const {
  std::string shown = python_json_text(value);
  if (shown.size() > 80) shown = shown.substr(0, 77) + "...";
  error("argument.type", {{"expected", expected}, {"value", shown}});
}

Json Declared::config(bool all) const {
  Json config = Json::object();
  for (const ClassInfo::Arg& arg : info().args) {
    Json value = arg.print(*this);
    if (all || !arg.spec.options.omit_null || !value.is_null()) config[arg.spec.name] = std::move(value);
  }
  for (const ClassInfo::Refused& refused : info().refused)
    if (refused.printed) config[refused.name] = Json::parse(refused.default_text);
  write_hints(config);
  return config;
}

void ClassInfo::Arg::parse(Declared& object, const Json& value, const ParseContext& context) const {
  if (value.is_null() && spec.options.null_is_default) return;
  type->read(object, *this, value, context);
}

AnyDeclaration::AnyDeclaration(std::string_view class_name, std::string_view family, std::string_view doc,
                               std::unique_ptr<Declared> (*create)(const ClassInfo&))
    : example_(create(info_)) {
  info_.class_name = class_name;
  info_.family = family;
  info_.doc = doc;
  info_.create = create;
}
AnyDeclaration::AnyDeclaration(const AnyDeclaration&) = default;
AnyDeclaration::AnyDeclaration(AnyDeclaration&&) noexcept = default;
AnyDeclaration::~AnyDeclaration() = default;

void AnyDeclaration::add_arg(std::string_view name, std::string_view doc, const ArgOptions& options, const void* member,
                             const ClassInfo::ArgType& type) {
  ClassInfo::Arg& arg = info_.args.emplace_back();
  arg.spec.name = name;
  arg.spec.doc = doc;
  arg.spec.options = options;
  type.describe(arg.spec);
  if (options.null_is_default) arg.spec.nullable = true;
  arg.type = &type;
  arg.offset = static_cast<const char*>(member) - reinterpret_cast<const char*>(example_.get());
}

void AnyDeclaration::add_refused(std::string_view name, std::string_view default_text, std::string_view reason,
                                 bool printed) {
  info_.refused.push_back({std::string(name), std::string(default_text), std::string(reason), printed});
}

void AnyDeclaration::set_aliases(std::initializer_list<std::string_view> names) {
  info_.aliases.assign(names.begin(), names.end());
}

void AnyDeclaration::set_summary(std::initializer_list<std::string_view> args) {
  info_.summary.assign(args.begin(), args.end());
}

void AnyDeclaration::add_rule(ClassInfo::Rule rule) { info_.rules.push_back(rule); }

const ClassInfo::Arg* ClassInfo::find(std::string_view name) const {
  const auto found = std::find_if(args.begin(), args.end(), [&](const Arg& arg) { return arg.spec.name == name; });
  return found == args.end() ? nullptr : &*found;
}

Registry::Registry(std::string group, std::vector<const ClassInfo*> classes)
    : group_(std::move(group)), classes_(std::move(classes)) {}

const ClassInfo* Registry::find(std::string_view name) const {
  for (const ClassInfo* info : classes_) {
    if (info->class_name == name || snake_case(info->class_name) == name) return info;
    if (std::find(info->aliases.begin(), info->aliases.end(), name) != info->aliases.end()) return info;
  }
  return nullptr;
}

std::unique_ptr<Declared> Registry::parse(const Json& given, const ParseContext& context) const {
  const Json value = named_function(given);
  const bool is_object = value.is_object() && value.contains("class_name") && value["class_name"].is_string();
  if (!value.is_string() && !is_object) {
    context.expected("a name or {class_name, config}", value);
    return nullptr;
  }
  const std::string name = is_object ? value["class_name"].get<std::string>() : value.get<std::string>();
  if (is_custom_class(value)) return context.error("class.custom", {{"class_name", name}}), nullptr;
  const ClassInfo* info = find(name);
  if (info == nullptr) {
    context.error("class.unknown", {{"class_name", name}, {"group", group_}});
    return nullptr;
  }
  std::unique_ptr<Declared> object = info->make();
  static const Json kEmpty = Json::object();
  const Json& config = is_object && value.contains("config") ? value["config"] : kEmpty;
  const size_t before = context.diagnostics().items().size();
  parse_config(*object, config, context);
  return context.diagnostics().items().size() == before ? std::move(object) : nullptr;
}

void parse_config(Declared& object, const Json& config, const ParseContext& context) {
  const ClassInfo& info = object.info();
  if (!config.is_object()) return context.expected("an object of arguments", config);
  const size_t before = context.diagnostics().items().size();
  for (const auto& [name, value] : config.items()) {
    if (const ClassInfo::Arg* arg = info.find(name)) {
      arg->parse(object, unwrapped(value), context.child(name));
    } else if (!check_refused(info, name, value, context) && !object.read_hint(name, value, context.child(name))) {
      context.child(name).error("argument.unknown", {{"class_name", info.class_name}, {"known", known_args(info)}});
    }
  }
  for (const ClassInfo::Arg& arg : info.args)
    if (arg.spec.options.required && !config.contains(arg.spec.name))
      context.child(arg.spec.name).error("argument.missing");
  if (context.diagnostics().items().size() != before) return;
  if (info.settle != nullptr) info.settle(object);
  for (const ClassInfo::Rule rule : info.rules) rule(object, context);
}

Json serialize(const Declared& object, std::string_view group) {
  return {{"module", "keras." + std::string(group)},
          {"class_name", object.info().class_name},
          {"config", object.config()},
          {"registered_name", nullptr}};
}

Json describe(const ClassInfo& info, std::string_view group) {
  const std::unique_ptr<Declared> defaults = info.make();
  Json args = Json::array();
  for (const ClassInfo::Arg& arg : info.args)
    args.push_back(describe_arg(arg, arg.spec.options.required ? Json(nullptr) : arg.print(*defaults)));
  return {{"class_name", info.class_name}, {"group", group}, {"family", info.family},       {"doc", info.doc},
          {"aliases", info.aliases},       {"args", args},   {"summary_args", info.summary}};
}

std::string snake_case(std::string_view class_name) {
  std::string result;
  for (size_t i = 0; i < class_name.size(); ++i) {
    const char c = class_name[i];
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    const bool after_lower = i > 0 && std::islower(static_cast<unsigned char>(class_name[i - 1])) != 0;
    const bool before_lower =
        i > 0 && i + 1 < class_name.size() && std::islower(static_cast<unsigned char>(class_name[i + 1])) != 0;
    const bool after_any = i > 0;
    if (upper && after_any && (after_lower || (before_lower))) result += '_';
    result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

std::string range_text(const ArgOptions& options) {
  const bool low = std::isfinite(options.min);
  const bool high = std::isfinite(options.max);
  const std::string low_text = (options.above_min ? "above " : "at least ") + number_text(options.min);
  const std::string high_text = (options.below_max ? "below " : "at most ") + number_text(options.max);
  if (low && high) return low_text + " and " + high_text;
  return low ? low_text : high_text;
}

bool parse_integer(const Json& value, int64_t& result, const ArgSpec& spec, const ParseContext& context) {
  const bool whole =
      value.is_number_integer() || (value.is_number_float() && value.get<double>() == std::floor(value.get<double>()) &&
                                    std::abs(value.get<double>()) < 9e15);
  if (!whole) return context.expected("a whole number", value), false;
  ArgOptions limits = spec.options;
  if (!std::isfinite(limits.max)) limits.max = kLargestInteger;
  if (!in_range(value.get<double>(), limits) || value.get<double>() < -9e15) {
    const bool within = in_range(value.get<double>(), spec.options);
    context.error("argument.range", {{"range", range_text(within ? limits : spec.options)}, {"value", value.dump()}});
    return false;
  }
  result = value.is_number_integer() ? value.get<int64_t>() : static_cast<int64_t>(value.get<double>());
  return true;
}

bool parse_number(const Json& value, double& result, const ArgSpec& spec, const ParseContext& context) {
  if (!is_any_number(value)) return context.expected("a number", value), false;
  const double number = any_number(value);
  if (!std::isfinite(number) && !spec.options.open_ended)
    return context.expected("a finite number", number_json(number)), false;
  result = number;
  if (std::isnan(result) || in_range(result, spec.options)) return true;
  context.error("argument.range", {{"range", range_text(spec.options)}, {"value", python_json_text(value)}});
  return false;
}

}  // namespace trainyard

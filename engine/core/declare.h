// One declaration a class. A layer, loss, optimizer, initializer ... is a struct whose members are Keras's arguments with
// Keras's defaults; `Declaration<T>` beside it names each member once. From that come parsing, printing, validation,
// the schema that the page builds its inspector from, and the docs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/core/diagnostic.h"

namespace trainyard {

enum class ArgKind : uint8_t {
  flag,
  integer,
  number,
  text,
  choice,
  int_tuple,
  int_list,
  shape,
  padding,
  axis,
  dtype,
  reference,
  number_or_schedule,
  json,
};

/// The name in the schema: "flag", "int", "float", ...
std::string_view name_of(ArgKind kind);

/// What may be said of an argument beyond its member; all of it reaches the schema.
struct ArgOptions {
  /// Inclusive bounds for numbers, and for each entry of a tuple or list.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  /// The lower (upper) bound itself is refused.
  bool above_min = false;
  bool below_max = false;
  bool required = false;
  bool advanced = false;
  /// Keras keeps it in the config but by its own meaning it never changes a result.
  bool hint = false;
  /// Numbers may be infinite or NaN too (Keras's float("inf")).
  bool open_ended = false;
  /// null is accepted and leaves the default (Keras's None that stands for something else).
  bool null_is_default = false;
  /// Keras writes it into a config only where it is not None.
  bool omit_null = false;
  /// Shown only while the argument `visible_arg` has the value `visible_value` (a JSON text). Literals: an ArgOptions is made at
  /// each of hundreds of arguments, and must be nothing but constants there.
  const char* visible_arg = nullptr;
  const char* visible_value = nullptr;
};

/// Integers are bounded by this where nothing tighter is said, so that products of two fit.
inline constexpr double kLargestInteger = 2147483647;

inline constexpr ArgOptions kAdvanced{.advanced = true};
inline constexpr ArgOptions kRequired{.required = true};
inline constexpr ArgOptions kPositive{.min = 1};
inline constexpr ArgOptions kFraction{.min = 0, .max = 1};
inline constexpr ArgOptions kRequiredPositive{.min = 1, .required = true};

/// One argument as the schema shows it.
struct ArgSpec {
  std::string name;
  ArgKind kind = ArgKind::json;
  std::string doc;
  ArgOptions options;
  bool nullable = false;
  std::vector<std::string> choices = {};
  int length = 0;
  std::string group = {};
};

/// Where a value stands in the user's file, and where complaints go.
class ParseContext {
 public:
  ParseContext(Diagnostics& diagnostics, std::string path, std::string node = {}, std::string arg = {})
      : diagnostics_(diagnostics), path_(std::move(path)), node_(std::move(node)), arg_(std::move(arg)) {}

  const std::string& path() const { return path_; }
  Diagnostics& diagnostics() const { return diagnostics_; }
  ParseContext child(const std::string& name) const {
    return {diagnostics_, path_.empty() ? name : path_ + "." + name, node_, arg_.empty() ? name : arg_};
  }
  ParseContext item(size_t index) const {
    return {diagnostics_, path_ + "[" + std::to_string(index) + "]", node_, arg_};
  }
  ParseContext at_node(std::string node) const { return {diagnostics_, path_, std::move(node), {}}; }
  void error(std::string code, Diagnostics::Params params = {}) const;
  /// "must be {expected} (got {value})"
  void expected(const std::string& expected, const Json& value) const;

 private:
  Diagnostics& diagnostics_;
  std::string path_;
  std::string node_;
  std::string arg_;
};

class ClassInfo;

/// Base of everything that is declared. Immutable after parsing; shared between threads freely.
class Declared {
 public:
  virtual ~Declared() = default;
  virtual const ClassInfo& info() const = 0;
  /// Every argument, in declared order, as Keras writes it; `all` spells out what Keras leaves away.
  Json config(bool all = false) const;

  /// A hint that all classes of a group take, that changes no result and that Keras writes only where somebody gave it; kept.
  /// False where `name` is none; complains of its value.
  virtual bool read_hint(const std::string&, const Json&, const ParseContext&) { return false; }
  virtual void write_hints(Json&) const {}
};

/// A class: its name, its arguments, its factory.
class ClassInfo {
 public:
  struct Arg;
  /// What is done with the arguments of one kind.
  struct ArgType {
    void (*describe)(ArgSpec&);
    void (*read)(Declared&, const Arg&, const Json&, const ParseContext&);
    Json (*write)(const Declared&, const Arg&);
  };
  struct Arg {
    ArgSpec spec;
    const ArgType* type = nullptr;
    /// Bytes from the object to the member.
    ptrdiff_t offset = 0;

    /// Parses into the member of an object; complains to the context.
    void parse(Declared& object, const Json& value, const ParseContext& context) const;
    Json print(const Declared& object) const { return type->write(object, *this); }
  };
  /// An argument of Keras's that is refused at any value but its default (and null).
  struct Refused {
    std::string name;
    std::string default_text;  // JSON
    std::string reason;
    /// Keras writes it into configs.
    bool printed = false;
  };
  using Rule = void (*)(const Declared&, const ParseContext&);

  std::string class_name;
  std::string family;
  std::string doc;
  /// Keras's other names for it: "relu", "MaxPool2D".
  std::vector<std::string> aliases;
  std::vector<Arg> args;
  std::vector<Refused> refused;
  /// Arguments worth showing on a node, in order.
  std::vector<std::string> summary;
  /// Cross-argument rules.
  std::vector<Rule> rules;
  std::unique_ptr<Declared> (*create)(const ClassInfo&) = nullptr;
  /// Settles arguments whose default depends on others, after parsing; may be null.
  void (*settle)(Declared&) = nullptr;

  /// An object with the defaults.
  std::unique_ptr<Declared> make() const { return create(*this); }
  const Arg* find(std::string_view arg) const;
};

/// How values of type M are parsed, printed and described. Specialise it for a new kind of argument.
///   static void describe(ArgSpec&);                                   fills kind, nullable, choices, length, group
///   static bool parse(const Json&, M&, const ArgSpec&, const ParseContext&);  false after complaining
///   static Json print(const M&);
template <typename M, typename = void>
struct ArgTraits;

/// The ArgType of members of type M: one instance, however many classes have such an argument.
template <typename M>
struct MemberArg {
  static void read(Declared& object, const ClassInfo::Arg& arg, const Json& value, const ParseContext& context) {
    ArgTraits<M>::parse(value, *reinterpret_cast<M*>(reinterpret_cast<char*>(&object) + arg.offset), arg.spec, context);
  }
  static Json write(const Declared& object, const ClassInfo::Arg& arg) {
    return ArgTraits<M>::print(*reinterpret_cast<const M*>(reinterpret_cast<const char*>(&object) + arg.offset));
  }
  static constexpr ClassInfo::ArgType kType{ArgTraits<M>::describe, read, write};
};

/// What the templates below need only once. Declarations are most of what there is to compile: whatever does not depend on the
/// class or on the kind of argument belongs here.
class AnyDeclaration {
 public:
  ClassInfo build() { return std::move(info_); }

 protected:
  AnyDeclaration(std::string_view class_name, std::string_view family, std::string_view doc,
                 std::unique_ptr<Declared> (*create)(const ClassInfo&));
  AnyDeclaration(const AnyDeclaration&);
  AnyDeclaration(AnyDeclaration&&) noexcept;
  ~AnyDeclaration();

  const Declared& example() const { return *example_; }
  /// `member`: where the argument lies in the example.
  void add_arg(std::string_view name, std::string_view doc, const ArgOptions& options, const void* member,
               const ClassInfo::ArgType& type);
  void add_refused(std::string_view name, std::string_view default_text, std::string_view reason, bool printed);
  void set_aliases(std::initializer_list<std::string_view> names);
  void set_summary(std::initializer_list<std::string_view> args);
  void add_rule(ClassInfo::Rule rule);
  ClassInfo info_;

 private:
  std::shared_ptr<const Declared> example_;  // tells where the members lie; shared, since declarations are copied
};

/// Builds a ClassInfo for T, which derives from Declared.
template <typename T>
class Declaration : public AnyDeclaration {
 public:
  Declaration(std::string_view class_name, std::string_view family, std::string_view doc)
      : AnyDeclaration(class_name, family, doc,
                       [](const ClassInfo&) -> std::unique_ptr<Declared> { return std::make_unique<T>(); }) {}
  Declaration& aliases(std::initializer_list<std::string_view> names) {
    set_aliases(names);
    return *this;
  }
  Declaration& aliases(std::vector<std::string> names) {
    info_.aliases = std::move(names);
    return *this;
  }
  Declaration& summary(std::initializer_list<std::string_view> args) {
    set_summary(args);
    return *this;
  }
  /// `member` may belong to a base of T. `doc`: one line of ours, plain words first.
  template <typename M, typename Owner>
  Declaration& arg(std::string_view name, M Owner::*member, std::string_view doc, const ArgOptions& options = {}) {
    const Owner& owner = static_cast<const T&>(example());
    add_arg(name, doc, options, &(owner.*member), MemberArg<M>::kType);
    return *this;
  }
  Declaration& refuse(std::string_view name, std::string_view default_text, std::string_view reason,
                      bool printed = false) {
    add_refused(name, default_text, reason, printed);
    return *this;
  }
  /// settle(T&), a lambda without captures: fills arguments left open from the others ("strides: None" means the pool size).
  template <typename Settle>
  Declaration& settle(Settle) {
    info_.settle = [](Declared& object) { Settle{}(static_cast<T&>(object)); };
    return *this;
  }
  /// rule(const T&, const ParseContext&), a lambda without captures: complains where arguments do not fit together.
  template <typename Rule>
  Declaration& rule(Rule) {
    add_rule(
        [](const Declared& object, const ParseContext& context) { Rule{}(static_cast<const T&>(object), context); });
    return *this;
  }
};

/// The classes of one group ("layers", "losses", ...), in declared order.
class Registry {
 public:
  Registry(std::string group, std::vector<const ClassInfo*> classes);
  const std::string& group() const { return group_; }
  const std::vector<const ClassInfo*>& classes() const { return classes_; }
  /// By class name or alias; Keras also takes snake_case of the class name. Null when unknown.
  const ClassInfo* find(std::string_view name) const;
  /// Parses a name or {class_name, config}; null after complaining. `module`, `registered_name` and `build_config` are read over.
  std::unique_ptr<Declared> parse(const Json& value, const ParseContext& context) const;

 private:
  std::string group_;
  std::vector<const ClassInfo*> classes_;
};

/// Fills an object's arguments from a config; complains of unknown, missing, ill-typed and refused ones and checks the rules.
void parse_config(Declared& object, const Json& config, const ParseContext& context);

/// {"module": "keras.<group>", "class_name": ..., "config": ..., "registered_name": null}
Json serialize(const Declared& object, std::string_view group);

/// The schema entry of a class, as the page's ClassSchema.
Json describe(const ClassInfo& info, std::string_view group);

/// "Conv2DTranspose" -> "conv2d_transpose", as Keras names objects.
std::string snake_case(std::string_view class_name);

/// A reference to a declared object of another group: shared, immutable, null when the argument is None.
/// Base must have `static const Registry& registry()`; `static constexpr bool kPrintsName` says that it prints as a bare
/// name where no argument differs from its default (activations).
template <typename Base>
class Ref {
 public:
  Ref() = default;
  Ref(std::shared_ptr<const Base> object) : object_(std::move(object)) {}
  explicit operator bool() const { return object_ != nullptr; }
  const Base* operator->() const { return object_.get(); }
  const Base& operator*() const { return *object_; }

 private:
  std::shared_ptr<const Base> object_;
};

/// The default of a reference argument: `Ref<Initializer> kernel_initializer = ref<GlorotUniform>();`
template <typename T, typename... Args>
std::shared_ptr<const T> ref(Args&&... args) {
  return std::make_shared<const T>(T{std::forward<Args>(args)...});
}

}  // namespace trainyard

#include "engine/core/arg_traits.h"

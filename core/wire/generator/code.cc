#include "code.h"

#include <algorithm>
#include <stdexcept>

#include "names.h"

namespace gregor::wire::generator {
namespace {

std::size_t field_size_min(const Message& message, const Field& field, int version);

std::size_t struct_size_min(const Message& message, const Struct& of, int version) {
  std::size_t size = message.is_flexible_at(version) ? 1 : 0;  // the count of tagged fields
  for (const Field& field : of.fields) {
    if (field.versions.holds(version) && !field.tag) size += field_size_min(message, field, version);
  }
  return size;
}

std::size_t field_size_min(const Message& message, const Field& field, int version) {
  const bool short_form = message.is_flexible_at(version) && !field.never_compact;
  if (field.array) return short_form ? 1 : 4;
  switch (field.kind) {
    case Kind::string:
      return short_form ? 1 : 2;
    case Kind::bytes:
    case Kind::records:
      return short_form ? 1 : 4;
    case Kind::structure:
      return field.nullable ? 1 : struct_size_min(message, message.find(field.struct_name), version);
    default:
      return fixed_size(field.kind);
  }
}

}  // namespace

Code& Code::line(const std::string& text) {
  if (text.starts_with('}') && depth_ > 0) --depth_;
  if (!text.empty()) text_.append(2 * depth_, ' ');
  text_ += text + "\n";
  if (text.ends_with('{') && !text.starts_with("namespace")) ++depth_;
  return *this;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string element_type(const Field& field) {
  switch (field.kind) {
    case Kind::boolean:
      return "bool";
    case Kind::int8:
      return "std::int8_t";
    case Kind::int16:
      return "std::int16_t";
    case Kind::uint16:
      return "std::uint16_t";
    case Kind::int32:
      return "std::int32_t";
    case Kind::uint32:
      return "std::uint32_t";
    case Kind::int64:
      return "std::int64_t";
    case Kind::float64:
      return "double";
    case Kind::uuid:
      return "Uuid";
    case Kind::string:
      return "std::string_view";
    case Kind::bytes:
    case Kind::records:
      return "Bytes";
    case Kind::structure:
      return field.struct_name;
  }
  throw std::logic_error("unknown kind");
}

std::string cpp_type(const Field& field) {
  const std::string inner = field.array ? "std::vector<" + element_type(field) + ">" : element_type(field);
  return field.is_optional() ? "std::optional<" + inner + ">" : inner;
}

std::string default_value(const Field& field) {
  if (field.default_is_null()) return "std::nullopt";
  const std::string inner = field.array ? "std::vector<" + element_type(field) + ">" : element_type(field);
  if (field.is_optional()) return inner + "{}";
  if (field.array || field.kind >= Kind::uuid) return "{}";
  if (field.kind == Kind::boolean) return field.written.value_or("false");
  if (field.written == "-9223372036854775808") return "INT64_MIN";
  if (field.written == "-2147483648") return "INT32_MIN";
  return field.written.value_or("0");
}

std::string full_name(const Message& message, const Struct& of) {
  return &of == &message.root ? message.name : message.name + "::" + of.name;
}

std::string condition(Range versions, Range outer) {
  const bool from = versions.low > outer.low;
  const bool to = versions.high < outer.high;
  const std::string low = "version >= " + std::to_string(versions.low);
  const std::string high = "version <= " + std::to_string(versions.high);
  if (from && to)
    return versions.low == versions.high ? "version == " + std::to_string(versions.low) : low + " && " + high;
  return from ? low : to ? high : "";
}

std::string block(Range versions, Range outer) {
  const std::string when = condition(versions, outer);
  return when.empty() ? "{" : "if (" + when + ") {";
}

std::string nullable_condition(const Field& field) {
  if (!field.nullable) return "false";
  const std::string when = condition(*field.nullable, field.versions);
  return when.empty() ? "true" : when;
}

std::string compact(const Message& message, const Field& field) {
  if (!message.flexible_since || field.never_compact) return "false";
  if (field.tag || *message.flexible_since <= message.versions.low) return "true";
  return "flexible";
}

void declare_flexible(Code& code, const Message& message) {
  if (flexible_condition(message) != "flexible") return;
  code.line("[[maybe_unused]] const bool flexible = version >= " + std::to_string(*message.flexible_since) + ";");
}

std::string flexible_condition(const Message& message) {
  if (!message.flexible_since) return "";
  return *message.flexible_since <= message.versions.low ? "true" : "flexible";
}

std::string is_default(const Field& field, const std::string& at) {
  if (field.default_is_null()) return "!" + at;
  const std::string value = field.is_optional() ? "(*" + at + ")" : at;
  std::string same;
  if (field.array || field.kind == Kind::string || field.kind == Kind::bytes || field.kind == Kind::records) {
    same = value + ".empty()";
  } else if (field.kind == Kind::uuid) {
    same = value + ".is_zero()";
  } else if (field.kind == Kind::structure) {
    same = "is_default(" + value + ")";
  } else if (field.kind == Kind::boolean) {
    same = field.written == "true" ? value : "!" + value;
  } else {
    same = value + " == " + default_value(field);
  }
  return field.is_optional() ? "(" + at + " && " + same + ")" : same;
}

std::size_t fixed_size(Kind kind) {
  switch (kind) {
    case Kind::boolean:
    case Kind::int8:
      return 1;
    case Kind::int16:
    case Kind::uint16:
      return 2;
    case Kind::int32:
    case Kind::uint32:
      return 4;
    case Kind::int64:
    case Kind::float64:
      return 8;
    case Kind::uuid:
      return 16;
    default:
      return 0;
  }
}

std::size_t element_size_min(const Message& message, const Field& field) {
  std::size_t smallest = SIZE_MAX;
  Field element = field;
  element.array = false;
  element.nullable.reset();
  for (int version = field.versions.low; version <= field.versions.high; ++version) {
    smallest = std::min(smallest, field_size_min(message, element, version));
  }
  if (smallest == 0)
    throw std::runtime_error(message.name + "." + field.name + ": an element may take no bytes at all");
  return smallest;
}

std::vector<const Struct*> all_structs(const Message& message) {
  std::vector<const Struct*> all;
  for (const Struct& each : message.structs) all.push_back(&each);
  all.push_back(&message.root);
  return all;
}

}  // namespace gregor::wire::generator

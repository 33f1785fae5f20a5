// The three passes of writing: check, count, write. They walk the fields in the same order, so they stand together.
#include <algorithm>

#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

bool is_text(const Field& field) {
  return field.kind == Kind::string;
}
bool is_blob(const Field& field) {
  return field.kind == Kind::bytes || field.kind == Kind::records;
}
std::string member(const Field& field) {
  return "message." + snake_case(field.name);
}

std::vector<Field> tagged_fields(const Struct& of) {
  std::vector<Field> tagged;
  for (const Field& field : of.fields) {
    if (field.tag) tagged.push_back(field);
  }
  std::sort(tagged.begin(), tagged.end(), [](const Field& a, const Field& b) { return *a.tag < *b.tag; });
  return tagged;
}

/// "version >= 10 && !is_default(...)": the tagged field is written.
std::string is_written(const Message& message, const Field& field) {
  const std::string versions = condition(field.versions, message.versions);
  return (versions.empty() ? "" : versions + " && ") + "!(" + is_default(field, member(field)) + ")";
}

// --- check ---

void check_value(Code& code, const Field& field, const std::string& path) {
  const std::string at = member(field);
  if (field.is_optional()) {
    const std::string nullable = nullable_condition(field);
    const std::string when = nullable == "true" ? "" : nullable == "false" ? "" : " && !(" + nullable + ")";
    if (nullable != "true") code.line("if (!" + at + when + ") return Refusal{" + path + ", Refusal::Why::null};");
  }
  if (!is_text(field) && field.kind != Kind::structure) return;
  const std::string value = field.is_optional() ? "*" + at : at;
  const std::string guard = field.is_optional() ? "if (" + at + ") " : "";
  if (field.array) {
    code.line(guard + "for (const auto& element : " + value + ") {");
    if (is_text(field)) {
      code.line("if (element.size() > kTextBytesMax) return Refusal{" + path + ", Refusal::Why::too_long};");
    } else {
      code.line(
          "if (const Refusal refused = check_fields(element, version); refused.field != nullptr) return refused;");
    }
    code.line("}");
  } else if (is_text(field)) {
    const std::string size = field.is_optional() ? at + " && " + at + "->size()" : at + ".size()";
    code.line("if (" + size + " > kTextBytesMax) return Refusal{" + path + ", Refusal::Why::too_long};");
  } else {
    code.line(guard + "{");
    code.line("if (const Refusal refused = check_fields(" + value +
              ", version); refused.field != nullptr) return refused;");
    code.line("}");
  }
}

void check_struct(Code& code, const Message& message, const Struct& of) {
  code.line("Refusal check_fields([[maybe_unused]] const " + full_name(message, of) +
            "& message, [[maybe_unused]] std::int16_t version) {");
  for (const Field& field : of.fields) {
    const std::string path = quoted(of.name + "." + camel_case(field.name));
    const std::string when = condition(field.versions, message.versions);
    Code inner;
    check_value(inner, field, path);
    if (!inner.text().empty()) {
      code.line(block(field.versions, message.versions));
      check_value(code, field, path);
      code.line("}");
    }
    if (!when.empty() && !field.ignorable) {
      code.line("if (!(" + when + ") && !(" + is_default(field, member(field)) + ")) return Refusal{" + path +
                ", Refusal::Why::absent};");
    }
  }
  code.line("return {};");
  code.line("}").line();
}

// --- size ---

void size_value(Code& code, const Message& message, const Field& field) {
  const std::string at = member(field);
  const std::string form = ", " + compact(message, field) + ");";
  if (field.array) {
    const std::string value = field.is_optional() ? "(*" + at + ")" : at;
    if (field.is_optional())
      code.line("if (!" + at + ") {").line("size.add_null_count(" + compact(message, field) + ");").line("} else {");
    code.line("size.add_count(" + value + ".size()" + form);
    if (fixed_size(field.kind) != 0) {
      code.line("size.add(" + std::to_string(fixed_size(field.kind)) + " * " + value + ".size());");
    } else {
      const std::string add = is_text(field)   ? "size.add_text(element" + form
                              : is_blob(field) ? "size.add_bytes(element" + form
                                               : "add_fields(size, element, version);";
      code.line("for (const auto& element : " + value + ") " + add);
    }
    if (field.is_optional()) code.line("}");
  } else if (field.kind == Kind::structure) {
    if (field.nullable) code.line("size.add(1);");
    code.line((field.nullable ? "if (" + at + ") " : "") + "add_fields(size, " + (field.nullable ? "*" : "") + at +
              ", version);");
  } else if (is_text(field)) {
    code.line("size.add_text(" + at + form);
  } else if (is_blob(field)) {
    code.line(std::string(field.zero_copy ? "size.add_borrowed(" : "size.add_bytes(") + at + form);
  } else {
    code.line("size.add(" + std::to_string(fixed_size(field.kind)) + ");");
  }
}

void size_tags(Code& code, const Message& message, const Struct& of) {
  const std::string when = flexible_condition(message);
  if (when.empty()) return;
  if (when == "flexible") code.line("if (flexible) {");
  code.line("[[maybe_unused]] std::size_t tags = message.unknown_tags.size();");
  for (const Field& field : tagged_fields(of)) {
    code.line("if (" + is_written(message, field) + ") {");
    code.line("++tags;");
    code.line("const std::size_t before = size.bytes;");
    size_value(code, message, field);
    code.line("size.add_tag(" + std::to_string(*field.tag) + ", size.bytes - before);");
    code.line("}");
  }
  code.line("size.add_uvarint(static_cast<std::uint32_t>(tags));");
  code.line("size.add_unknown_tags(message.unknown_tags);");
  if (when == "flexible") code.line("}");
}

void size_struct(Code& code, const Message& message, const Struct& of) {
  code.line("void add_fields([[maybe_unused]] Size& size, [[maybe_unused]] const " + full_name(message, of) +
            "& message, [[maybe_unused]] std::int16_t version) {");
  declare_flexible(code, message);
  for (const Field& field : of.fields) {
    if (field.tag) continue;
    const std::string when = condition(field.versions, message.versions);
    if (!when.empty()) code.line("if (" + when + ") {");
    size_value(code, message, field);
    if (!when.empty()) code.line("}");
  }
  size_tags(code, message, of);
  code.line("}").line();
}

// --- write ---

void write_value(Code& code, const Message& message, const Field& field) {
  const std::string at = member(field);
  const std::string form = ", " + compact(message, field) + ");";
  if (field.array) {
    const std::string value = field.is_optional() ? "(*" + at + ")" : at;
    if (field.is_optional())
      code.line("if (!" + at + ") {").line("to.write_null_count(" + compact(message, field) + ");").line("} else {");
    code.line("to.write_count(" + value + ".size()" + form);
    const std::string write = is_text(field)                  ? "to.write_text(element" + form
                              : is_blob(field)                ? "to.write_bytes(element" + form
                              : field.kind == Kind::structure ? "encode_fields(to, element, version);"
                                                              : "to.write(element);";
    code.line("for (const auto& element : " + value + ") " + write);
    if (field.is_optional()) code.line("}");
  } else if (field.kind == Kind::structure) {
    if (field.nullable)
      code.line("to.write(static_cast<std::int8_t>(" + at + " ? 1 : " + (field.tag ? "0" : "-1") + "));");
    code.line((field.nullable ? "if (" + at + ") " : "") + "encode_fields(to, " + (field.nullable ? "*" : "") + at +
              ", version);");
  } else if (is_text(field)) {
    code.line("to.write_text(" + at + form);
  } else if (is_blob(field)) {
    code.line(std::string(field.zero_copy ? "to.write_borrowed(" : "to.write_bytes(") + at + form);
  } else {
    code.line("to.write(" + at + ");");
  }
}

void write_tags(Code& code, const Message& message, const Struct& of) {
  const std::string when = flexible_condition(message);
  if (when.empty()) return;
  const std::vector<Field> tagged = tagged_fields(of);
  if (when == "flexible") code.line("if (flexible) {");
  if (tagged.empty()) {
    code.line("to.write_uvarint(static_cast<std::uint32_t>(message.unknown_tags.size()));");
    code.line("to.write_unknown_tags(message.unknown_tags);");
  } else {
    code.line("std::size_t tags = message.unknown_tags.size();");
    for (const Field& field : tagged) code.line("if (" + is_written(message, field) + ") ++tags;");
    code.line("to.write_uvarint(static_cast<std::uint32_t>(tags));");
    code.line("std::size_t next = 0;");
    for (const Field& field : tagged) {
      const std::string number = std::to_string(*field.tag);
      code.line("if (" + is_written(message, field) + ") {");
      code.line("next = to.write_unknown_tags(message.unknown_tags, next, " + number + ");");
      code.line("Size size;");
      size_value(code, message, field);
      code.line("to.write_tag(" + number + ", size.bytes);");
      write_value(code, message, field);
      code.line("}");
    }
    code.line("to.write_unknown_tags(message.unknown_tags, next);");
  }
  if (when == "flexible") code.line("}");
}

void write_struct(Code& code, const Message& message, const Struct& of) {
  code.line("void encode_fields([[maybe_unused]] Writer& to, [[maybe_unused]] const " + full_name(message, of) +
            "& message, [[maybe_unused]] std::int16_t version) {");
  declare_flexible(code, message);
  for (const Field& field : of.fields) {
    if (field.tag) continue;
    const std::string when = condition(field.versions, message.versions);
    if (!when.empty()) code.line("if (" + when + ") {");
    write_value(code, message, field);
    if (!when.empty()) code.line("}");
  }
  write_tags(code, message, of);
  code.line("}").line();
}

}  // namespace

void emit_check(Code& code, const Message& message) {
  code.line("namespace {").line();
  emit_is_default(code, message);
  for (const Struct* each : all_structs(message)) check_struct(code, message, *each);
  code.line("}  // namespace").line();
  code.line("Result<void> check_version(const " + message.name + "& message, std::int16_t version) {");
  code.line("TRY(check_served<" + message.name + ">(version));");
  code.line("return result_of(check_fields(message, version), " + message.name + "::kName, version);");
  code.line("}").line();
}

void emit_size(Code& code, const Message& message) {
  code.line("namespace {").line();
  for (const Struct* each : all_structs(message)) size_struct(code, message, *each);
  code.line("}  // namespace").line();
  code.line("void add_size(Size& size, const " + message.name +
            "& message, std::int16_t version) { add_fields(size, message, version); }");
  code.line();
}

void emit_encode(Code& code, const Message& message) {
  code.line("namespace {").line();
  for (const Struct* each : all_structs(message)) write_struct(code, message, *each);
  code.line("}  // namespace").line();
  code.line("void encode(Writer& to, const " + message.name +
            "& message, std::int16_t version) { encode_fields(to, message, version); }");
  code.line();
}

}  // namespace gregor::wire::generator

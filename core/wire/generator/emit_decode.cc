#include <algorithm>

#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

std::string or_inside(const Field& field) {
  return ") return from.inside(" + quoted(camel_case(field.name)) + ");";
}

bool is_text(const Field& field) {
  return field.kind == Kind::string;
}
bool is_blob(const Field& field) {
  return field.kind == Kind::bytes || field.kind == Kind::records;
}

void emit_array(Code& code, const Message& message, const Field& field, const std::string& at) {
  const std::string size_min = std::to_string(element_size_min(message, field));
  code.line("std::int64_t count = 0;");
  code.line("if (!from.read_count(count, " + compact(message, field) + ", " + size_min + ", " +
            nullable_condition(field) + ")" + or_inside(field));
  std::string elements = at;
  if (field.is_optional()) {
    code.line(at + ".reset();");
    code.line("if (count >= 0) {");
    code.line("auto& elements = " + at + ".emplace();");
    elements = "elements";
  }
  code.line(elements + ".resize(static_cast<std::size_t>(count));");
  code.line("for (std::size_t i = 0; i < " + elements + ".size(); ++i) {");
  const std::string element = elements + "[i]";
  std::string read = "from.read(" + element + ")";
  if (is_text(field)) read = "from.read_text(" + element + ", " + compact(message, field) + ")";
  if (is_blob(field)) read = "from.read_bytes(" + element + ", " + compact(message, field) + ")";
  if (field.kind == Kind::structure) read = "decode_fields(from, " + element + ", version)";
  code.line("if (!" + read + ") return from.inside(" + quoted(camel_case(field.name)) + ", i);");
  code.line("}");
  if (field.is_optional()) code.line("}");
}

void emit_nullable_struct(Code& code, const Field& field, const std::string& at) {
  code.line("bool present = false;");
  code.line("if (!from.read_presence(present, " + std::string(field.tag ? "true" : "false") + ")" + or_inside(field));
  code.line(at + ".reset();");
  code.line("if (present && !decode_fields(from, " + at + ".emplace(), version)" + or_inside(field));
}

void emit_value(Code& code, const Message& message, const Field& field) {
  const std::string at = "into." + snake_case(field.name);
  const std::string form = ", " + compact(message, field);
  if (field.array) return emit_array(code, message, field, at);
  if (field.kind == Kind::structure && field.nullable) return emit_nullable_struct(code, field, at);
  std::string read = "from.read(" + at + ")";
  const std::string ending =
      field.is_optional() ? "_or_null(" + at + form + ", " + nullable_condition(field) + ")" : "(" + at + form + ")";
  if (is_text(field)) read = "from.read_text" + ending;
  if (is_blob(field)) read = "from.read_bytes" + ending;
  if (field.kind == Kind::structure) read = "decode_fields(from, " + at + ", version)";
  code.line("if (!" + read + or_inside(field));
}

void emit_tags(Code& code, const Message& message, const Struct& of) {
  const bool any =
      std::any_of(of.fields.begin(), of.fields.end(), [](const Field& field) { return field.tag.has_value(); });
  const std::string when = flexible_condition(message);
  if (when.empty()) return;
  if (when == "flexible") code.line("if (flexible) {");
  if (!any) {
    code.line("if (!from.read_unknown_tags(into.unknown_tags)) return false;");
  } else {
    code.line("std::uint32_t tags = 0;");
    code.line("if (!from.read_tag_count(tags)) return false;");
    code.line("Reader::Tag tag;");
    code.line("for (std::uint32_t nth = 0; nth < tags; ++nth) {");
    code.line("if (!from.open_tag(tag, nth == 0)) return false;");
    std::string prefix;
    for (const Field& field : of.fields) {
      if (!field.tag) continue;
      const std::string versions = condition(field.versions, message.versions);
      code.line(prefix + "if (tag.number == " + std::to_string(*field.tag) +
                (versions.empty() ? "" : " && " + versions) + ") {");
      emit_value(code, message, field);
      code.line("if (!from.close_tag(tag)" + or_inside(field));
      prefix = "} else ";
    }
    code.line("} else if (!from.keep_tag(tag, into.unknown_tags)) {");
    code.line("return false;");
    code.line("}");
    code.line("}");
  }
  if (when == "flexible") code.line("}");
}

void emit_fields(Code& code, const Message& message, const Struct& of) {
  code.line("bool decode_fields([[maybe_unused]] Reader& from, [[maybe_unused]] " + full_name(message, of) +
            "& into, [[maybe_unused]] std::int16_t version) {");
  declare_flexible(code, message);
  for (const Field& field : of.fields) {
    if (field.tag) continue;
    const std::string when = condition(field.versions, message.versions);
    if (when.empty() && !field.array && !(field.kind == Kind::structure && field.nullable)) {
      emit_value(code, message, field);
      continue;
    }
    code.line(block(field.versions, message.versions));
    emit_value(code, message, field);
    code.line("}");
  }
  emit_tags(code, message, of);
  code.line("return true;");
  code.line("}").line();
}

}  // namespace

void emit_decode(Code& code, const Message& message) {
  code.line("namespace {").line();
  for (const Struct* each : all_structs(message)) emit_fields(code, message, *each);
  code.line("}  // namespace").line();
  code.line("Result<void> decode(Reader& from, " + message.name + "& into, std::int16_t version) {");
  code.line("TRY(check_served<" + message.name + ">(version));");
  code.line("into = {};");
  code.line("if (!decode_fields(from, into, version)) return fail(from.fault(" + message.name + "::kName, version));");
  code.line("return {};");
  code.line("}").line();
}

}  // namespace gregor::wire::generator

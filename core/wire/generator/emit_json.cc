#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

std::string key_of(const Field& field) {
  return quoted(camel_case(field.name));
}

/// The JSON value of a field, as an expression where it needs no loop of ours.
void write_value(Code& code, const Field& field) {
  const std::string at = "message." + snake_case(field.name);
  if (field.kind != Kind::structure) {
    code.line("object.emplace_back(" + key_of(field) + ", json_value(" + at + "));");
    return;
  }
  const std::string value = field.is_optional() ? "*" + at : at;
  if (field.is_optional()) {
    code.line("if (!" + at + ") {").line("object.emplace_back(" + key_of(field) + ", Json());").line("} else {");
  } else {
    code.line("{");
  }
  if (field.array) {
    code.line("Json::Array elements;");
    code.line("for (const auto& element : " + value + ") elements.push_back(json_fields(element, version));");
    code.line("object.emplace_back(" + key_of(field) + ", Json(std::move(elements)));");
  } else {
    code.line("object.emplace_back(" + key_of(field) + ", json_fields(" + value + ", version));");
  }
  code.line("}");
}

void emit_to_json(Code& code, const Message& message, const Struct& of) {
  code.line("Json json_fields([[maybe_unused]] const " + full_name(message, of) +
            "& message, [[maybe_unused]] std::int16_t version) {");
  code.line("Json::Object object;");
  for (const Field& field : of.fields) {
    std::string when = condition(field.versions, message.versions);
    if (field.tag)
      when += (when.empty() ? "" : " && ") + ("!(" + is_default(field, "message." + snake_case(field.name)) + ")");
    if (!when.empty()) code.line("if (" + when + ") {");
    write_value(code, field);
    if (!when.empty()) code.line("}");
  }
  code.line("return Json(std::move(object));");
  code.line("}").line();
}

void read_struct_array(Code& code, const Field& field, const std::string& at) {
  const std::string inside = "return json.inside(" + key_of(field);
  if (field.is_optional()) {
    code.line(at + ".reset();").line("if (!member->is_null()) {");
  }
  code.line("const Json::Array* array = json.array(*member);");
  code.line("if (array == nullptr) " + inside + ");");
  const std::string elements = field.is_optional() ? "(*" + at + ")" : at;
  if (field.is_optional()) code.line(at + ".emplace();");
  code.line(elements + ".resize(array->size());");
  code.line("for (std::size_t i = 0; i < array->size(); ++i) {");
  code.line("if (!parse_fields(json, (*array)[i], " + elements + "[i], version)) " + inside + ", i);");
  code.line("}");
  if (field.is_optional()) code.line("}");
}

void read_value(Code& code, const Field& field) {
  const std::string at = "into." + snake_case(field.name);
  const std::string inside = "return json.inside(" + key_of(field) + ");";
  if (field.kind != Kind::structure) {
    code.line("if (!json.take(*member, " + at + ")) " + inside);
  } else if (field.array) {
    read_struct_array(code, field, at);
  } else if (field.nullable) {
    code.line(at + ".reset();");
    code.line("if (!member->is_null() && !parse_fields(json, *member, " + at + ".emplace(), version)) " + inside);
  } else {
    code.line("if (!parse_fields(json, *member, " + at + ", version)) " + inside);
  }
}

void emit_from_json(Code& code, const Message& message, const Struct& of) {
  code.line("bool parse_fields(JsonSource& json, const Json& from, [[maybe_unused]] " + full_name(message, of) +
            "& into, [[maybe_unused]] std::int16_t version) {");
  code.line("if (!json.object(from)) return false;");
  for (const Field& field : of.fields) {
    code.line(block(field.versions, message.versions));
    code.line("const Json* member = from.find(" + key_of(field) + ");");
    if (field.tag) {
      code.line("if (member != nullptr) {");
      read_value(code, field);
      code.line("}");
    } else {
      code.line("if (member == nullptr) return json.missing(" + key_of(field) + ");");
      read_value(code, field);
    }
    code.line("}");
  }
  code.line("return true;");
  code.line("}").line();
}

}  // namespace

void emit_json(Code& code, const Message& message) {
  code.line("namespace {").line();
  emit_is_default(code, message);
  for (const Struct* each : all_structs(message)) emit_to_json(code, message, *each);
  for (const Struct* each : all_structs(message)) emit_from_json(code, message, *each);
  code.line("}  // namespace").line();
  code.line("Json to_json(const " + message.name +
            "& message, std::int16_t version) { return json_fields(message, version); }")
      .line();
  code.line("Result<void> from_json(const Json& from, " + message.name +
            "& into, std::int16_t version, Arena& arena) {");
  code.line("TRY(check_served<" + message.name + ">(version));");
  code.line("into = {};");
  code.line("JsonSource json(arena);");
  code.line("if (!parse_fields(json, from, into, version)) return fail(json.fault(" + message.name +
            "::kName, version));");
  code.line("return {};");
  code.line("}").line();
}

}  // namespace gregor::wire::generator

#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

void emit_members(Code& code, const Message& message, const Struct& of) {
  for (const Field& field : of.fields) {
    code.line(cpp_type(field) + " " + snake_case(field.name) + " = " + default_value(field) + ";");
  }
  if (message.flexible_since) code.line("UnknownTags unknown_tags = {};");
}

void emit_constants(Code& code, const Message& message) {
  if (message.kind == MessageKind::request || message.kind == MessageKind::response) {
    code.line("static constexpr ApiKey kApiKey = ApiKey::" + snake_case(api_name(message.name)) + ";");
  } else if (message.number) {
    code.line("static constexpr std::int16_t kRecordType = " + std::to_string(*message.number) + ";");
  }
  code.line("static constexpr const char* kName = " + quoted(message.name) + ";");
  code.line("static constexpr std::int16_t kVersionMin = " + std::to_string(message.versions.low) + ";");
  code.line("static constexpr std::int16_t kVersionMax = " + std::to_string(message.versions.high) + ";");
  const std::string since = message.flexible_since ? std::to_string(*message.flexible_since) : "kNeverFlexible";
  code.line("static constexpr std::int16_t kFlexibleSince = " + since + ";").line();
}

/// Nested structs stand in a namespace of their own and are named again inside the message: inside of it they would not
/// be complete, with their member initialisers, before the message is, and std::optional of one would not compile
/// everywhere.
void emit_struct(Code& code, const Message& message) {
  const std::string scope = "parts::" + snake_case(message.name);
  if (!message.structs.empty()) {
    code.line("namespace " + scope + " {");
    for (const Struct& nested : message.structs) {
      code.line("struct " + nested.name + " {");
      emit_members(code, message, nested);
      code.line("};");
    }
    code.line("}  // namespace " + scope).line();
  }
  code.line("struct " + message.name + " {");
  emit_constants(code, message);
  for (const Struct& nested : message.structs)
    code.line("using " + nested.name + " = " + scope + "::" + nested.name + ";");
  if (!message.structs.empty()) code.line();
  emit_members(code, message, message.root);
  code.line("};").line();
}

void emit_declarations(Code& code, const std::string& name) {
  code.line("Result<void> decode(Reader& from, " + name + "& into, std::int16_t version);");
  code.line("Result<void> check_version(const " + name + "& message, std::int16_t version);");
  code.line("void add_size(Size& size, const " + name + "& message, std::int16_t version);");
  code.line("void encode(Writer& to, const " + name + "& message, std::int16_t version);");
  code.line("Json to_json(const " + name + "& message, std::int16_t version);");
  code.line("Result<void> from_json(const Json& from, " + name + "& into, std::int16_t version, Arena& arena);");
  code.line("void randomize(" + name + "& into, std::int16_t version, RandomStream& random, Arena& arena);").line();
}

void emit_variant(Code& code, const Variant& variant) {
  std::string list;
  for (const Message* record : variant.records) list += (list.empty() ? "" : ", ") + record->name;
  const std::string name = snake_case(variant.name);
  code.line("/// Any of them, in the order of types.");
  code.line("using " + variant.name + " = std::variant<" + list + ">;");
  if (variant.kind == MessageKind::record) {
    code.line("/// One framed record, whole. unsupported for a type or version that Kafka 4.3 does not define.");
    code.line("Result<" + variant.name + "> decode_" + name + "(Bytes framed);");
    code.line("/// The same, with the version it was written at.");
    code.line("Result<" + variant.name + "> decode_" + name + "(Bytes framed, std::int16_t& version);");
    code.line("Result<ByteBuffer> encode_" + name + "(const " + variant.name + "& record, std::int16_t version);");
  } else if (variant.kind == MessageKind::key) {
    code.line(
        "/// A record's key, whole. unsupported for a type that Kafka 4.3 does not define: such records are skipped.");
    code.line("Result<" + variant.name + "> decode_" + name + "(Bytes key);");
    code.line("Result<ByteBuffer> encode_" + name + "(const " + variant.name + "& key);");
  } else {
    code.line("/// The value of a record whose key is of that type; `version` becomes the one it was written at.");
    code.line("Result<" + variant.name + "> decode_" + name +
              "(std::int16_t type, Bytes value, std::int16_t& version);");
  }
  code.line();
}

}  // namespace

std::vector<Variant> variants_of(const SchemaFile& file) {
  std::vector<Variant> variants;
  if (file.family.empty()) return variants;
  for (const MessageKind kind : {MessageKind::record, MessageKind::key, MessageKind::value}) {
    const std::string ending = kind == MessageKind::key ? "Key" : kind == MessageKind::value ? "Value" : "";
    Variant variant{file.family + ending, kind, {}};
    for (const Message& message : file.messages) {
      if (message.kind == kind) variant.records.push_back(&message);
    }
    if (!variant.records.empty()) variants.push_back(std::move(variant));
  }
  return variants;
}

void emit_header(Code& code, const SchemaFile& file) {
  code.line("// Made from schema/*" + file.stem + ".schema by the wire generator: change the schema, not this.");
  code.line("#pragma once").line();
  code.line("#include <cstdint>").line("#include <optional>").line("#include <string_view>");
  if (!file.family.empty()) code.line("#include <variant>");
  code.line("#include <vector>").line();
  code.line("#include \"base/uuid.h\"").line("#include \"wire/api_keys.h\"").line("#include \"wire/message.h\"").line();
  code.line("namespace gregor::wire {").line();
  for (const Message& message : file.messages) emit_struct(code, message);
  for (const Message& message : file.messages) emit_declarations(code, message.name);
  for (const Variant& variant : variants_of(file)) emit_variant(code, variant);
  code.line("}  // namespace gregor::wire");
}

}  // namespace gregor::wire::generator

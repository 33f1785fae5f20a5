#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

/// Makes the alternative of a type: its number is an index into the variant.
void emit_alternatives(Code& code, const Variant& variant) {
  code.line("bool choose(std::int16_t type, " + variant.name + "& into) {");
  code.line("switch (type) {");
  for (const Message* record : variant.records) {
    code.line("case " + record->name + "::kRecordType:");
    code.line("into.emplace<" + record->name + ">();");
    code.line("return true;");
  }
  code.line("default:").line("return false;").line("}").line("}").line();
}

std::string visit_decode(const std::string& version) {
  return "TRY(std::visit([&](auto& chosen) { return decode(from, chosen, " + version + "); }, into));";
}

std::string no_such(const Variant& variant, const std::string& type) {
  return "if (!choose(" + type + ", into)) return unknown_type(" + quoted(variant.name) + ", " + type + ");";
}

void emit_record(Code& code, const Variant& variant, const std::string& name) {
  code.line("Result<" + variant.name + "> decode_" + name + "(Bytes framed, std::int16_t& version) {");
  code.line("Reader from(framed);");
  code.line("TRY_ASSIGN(const RecordFrame frame, decode_record_frame(from));");
  code.line(variant.name + " into;").line(no_such(variant, "frame.type"));
  code.line(visit_decode("frame.version")).line("TRY(from.finish());");
  code.line("version = frame.version;").line("return into;").line("}").line();
  code.line("Result<" + variant.name + "> decode_" + name + "(Bytes framed) {");
  code.line("std::int16_t version = 0;").line("return decode_" + name + "(framed, version);").line("}").line();
  code.line("Result<ByteBuffer> encode_" + name + "(const " + variant.name + "& record, std::int16_t version) {");
  code.line("return std::visit([&](const auto& chosen) { return encode_framed(chosen, version); }, record);")
      .line("}")
      .line();
}

void emit_key(Code& code, const Variant& variant, const std::string& name) {
  code.line("Result<" + variant.name + "> decode_" + name + "(Bytes key) {");
  code.line("Reader from(key);").line("TRY_ASSIGN(const std::int16_t type, decode_prefix(from));");
  code.line(variant.name + " into;").line(no_such(variant, "type"));
  code.line(visit_decode("0")).line("TRY(from.finish());").line("return into;").line("}").line();
  code.line("Result<ByteBuffer> encode_" + name + "(const " + variant.name + "& key) {");
  code.line("return std::visit([](const auto& chosen) { return encode_key(chosen); }, key);").line("}").line();
}

void emit_value(Code& code, const Variant& variant, const std::string& name) {
  code.line("Result<" + variant.name + "> decode_" + name +
            "(std::int16_t type, Bytes value, std::int16_t& version) {");
  code.line(variant.name + " into;").line(no_such(variant, "type"));
  code.line("TRY_ASSIGN(version, std::visit([&](auto& chosen) { return decode_versioned(value, chosen); }, into));");
  code.line("return into;").line("}").line();
}

}  // namespace

void emit_family(Code& code, const SchemaFile& file) {
  for (const Variant& variant : variants_of(file)) {
    code.line("namespace {").line();
    emit_alternatives(code, variant);
    code.line("}  // namespace").line();
    const std::string name = snake_case(variant.name);
    if (variant.kind == MessageKind::record) emit_record(code, variant, name);
    if (variant.kind == MessageKind::key) emit_key(code, variant, name);
    if (variant.kind == MessageKind::value) emit_value(code, variant, name);
  }
}

}  // namespace gregor::wire::generator

#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

void draw_value(Code& code, const Field& field) {
  const std::string at = "into." + snake_case(field.name);
  std::string target = at;
  if (field.is_optional()) {
    code.line("if (" + nullable_condition(field) + " && draw.null()) {");
    code.line(at + ".reset();").line("} else {");
    code.line("auto& value = " + at + ".emplace();");
    target = "value";
  }
  if (field.array) {
    code.line(target + ".resize(draw.count());");
    const std::string fill =
        field.kind == Kind::structure ? "draw_fields(draw, element, version);" : "draw.fill(element);";
    code.line("for (auto& element : " + target + ") " + fill);
  } else {
    code.line(field.kind == Kind::structure ? "draw_fields(draw, " + target + ", version);"
                                            : "draw.fill(" + target + ");");
  }
  if (field.is_optional()) code.line("}");
}

void emit_fields(Code& code, const Message& message, const Struct& of) {
  code.line("void draw_fields([[maybe_unused]] Draw& draw, [[maybe_unused]] " + full_name(message, of) +
            "& into, [[maybe_unused]] std::int16_t version) {");
  for (const Field& field : of.fields) {
    code.line(block(field.versions, message.versions));
    draw_value(code, field);
    code.line("}");
  }
  code.line("}").line();
}

}  // namespace

void emit_random(Code& code, const Message& message) {
  code.line("namespace {").line();
  for (const Struct* each : all_structs(message)) emit_fields(code, message, *each);
  code.line("}  // namespace").line();
  code.line("void randomize(" + message.name + "& into, std::int16_t version, RandomStream& random, Arena& arena) {");
  code.line("into = {};");
  code.line("Draw draw(random, arena);");
  code.line("draw_fields(draw, into, version);");
  code.line("}").line();
}

}  // namespace gregor::wire::generator

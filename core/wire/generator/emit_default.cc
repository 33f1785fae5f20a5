#include <algorithm>

#include "emit.h"
#include "names.h"

namespace gregor::wire::generator {
namespace {

/// Structs whose defaults someone asks for: those of fields that are one struct, and the ones inside of them.
std::vector<std::string> compared_structs(const Message& message) {
  std::vector<std::string> names;
  for (const Struct* each : all_structs(message)) {
    for (const Field& field : each->fields) {
      if (field.kind == Kind::structure && !field.array) names.push_back(field.struct_name);
    }
  }
  return names;
}

}  // namespace

void emit_is_default(Code& code, const Message& message) {
  const std::vector<std::string> compared = compared_structs(message);
  for (const Struct& each : message.structs) {
    if (std::find(compared.begin(), compared.end(), each.name) == compared.end()) continue;
    code.line("[[maybe_unused]] bool is_default(const " + full_name(message, each) + "& message) {");
    for (const Field& field : each.fields)
      code.line("if (!(" + is_default(field, "message." + snake_case(field.name)) + ")) return false;");
    code.line(message.flexible_since ? "return message.unknown_tags.empty();" : "return true;");
    code.line("}").line();
  }
}

}  // namespace gregor::wire::generator

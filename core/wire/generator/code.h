// Code: C++ text under construction, indented by its braces. And the few expressions that several emitters share.
#pragma once

#include <string>

#include "model.h"

namespace gregor::wire::generator {

class Code {
 public:
  /// A line that begins with } stands one step to the left, one that ends with { moves the next ones to the right.
  Code& line(const std::string& text = "");
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t depth_ = 0;
};

std::string quoted(const std::string& text);
/// The C++ type of a field, in the scope of its message.
std::string cpp_type(const Field& field);
/// The C++ type of one element of it, or of the value behind its optional.
std::string element_type(const Field& field);
/// Its member initialiser.
std::string default_value(const Field& field);
/// The name of a struct from outside of its message.
std::string full_name(const Message& message, const Struct& of);
/// "version >= 3 && version <= 7"; empty when every version of `outer` is in it.
std::string condition(Range versions, Range outer);
/// "if (condition) {" or "{": a block either way.
std::string block(Range versions, Range outer);
/// Whether null may be written, as an expression.
std::string nullable_condition(const Field& field);
/// Whether lengths are compact, as an expression over `flexible`.
std::string compact(const Message& message, const Field& field);
/// Declares `flexible` where the message has versions of both kinds.
void declare_flexible(Code& code, const Message& message);
/// "" where the message is never flexible, else the condition under which it is: "true" or "flexible".
std::string flexible_condition(const Message& message);
/// A boolean expression: does `at` hold the field's default?
std::string is_default(const Field& field, const std::string& at);
/// Wire bytes of a value of fixed size; 0 for the others.
std::size_t fixed_size(Kind kind);
/// The least that one element of the array takes, over all versions in which it exists.
std::size_t element_size_min(const Message& message, const Field& field);

/// All structs of a message, the message itself last.
std::vector<const Struct*> all_structs(const Message& message);

}  // namespace gregor::wire::generator

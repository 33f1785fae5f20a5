// The emitters: each turns a file of messages into one part of the generated code.
#pragma once

#include "code.h"

namespace gregor::wire::generator {

/// The structs and the declarations of their functions: all of <stem>.h.
void emit_header(Code& code, const SchemaFile& file);
/// decode()
void emit_decode(Code& code, const Message& message);
/// is_default() for the structs of whose defaults others ask.
void emit_is_default(Code& code, const Message& message);
/// check_version()
void emit_check(Code& code, const Message& message);
/// add_size()
void emit_size(Code& code, const Message& message);
/// encode()
void emit_encode(Code& code, const Message& message);
/// to_json() and from_json()
void emit_json(Code& code, const Message& message);
/// randomize()
void emit_random(Code& code, const Message& message);
/// The variant over a file's records and its decoders; nothing where the file names no family.
void emit_family(Code& code, const SchemaFile& file);
/// All of api_keys.h.
void emit_api_keys(Code& code, const std::vector<SchemaFile>& files);
/// All of messages.cc: a row of functions for every message.
void emit_registry(Code& code, const std::vector<SchemaFile>& files);

/// The variants of a file's family: name, and the records in it.
struct Variant {
  std::string name;
  MessageKind kind;
  std::vector<const Message*> records;
};
std::vector<Variant> variants_of(const SchemaFile& file);

}  // namespace gregor::wire::generator

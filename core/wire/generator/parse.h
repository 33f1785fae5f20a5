// Reads schema files. The language, one thing a line, children two blanks deeper than their parent:
//
//   # a comment
//   family MetadataRecord                                 a variant over the file's records
//   request NAME: key 0, versions 3 to 13, flexible since 9, listeners broker, advertised 0 to 13
//     struct NAME                                         a struct that several fields use
//       FIELD...
//     FIELD: [nullable] TYPE [= DEFAULT] [, MODIFIER]...
//
// Message kinds: request, response, header, record, key, value, data. Of a message: key N or type N, version N or
// versions N to M, flexible since N or always flexible, listeners NAME..., advertised N to M. Types: bool, int8, int16,
// uint16, int32, uint32, int64, float64, uuid, string, bytes, records, a struct's name, [] before any. A field whose
// type is a struct that stands nowhere else has its fields below it. Modifiers: since N, until N, only N, N to M
// (versions; those of the parent where left out) · nullable and a range · tag N · map key · ignorable · zero-copy ·
// never compact · names ENTITY.
#pragma once

#include <filesystem>

#include "model.h"

namespace gregor::wire::generator {

/// Throws std::runtime_error("file:line: what").
SchemaFile parse(const std::filesystem::path& path);

}  // namespace gregor::wire::generator

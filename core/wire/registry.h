// Every message that the schema names, by name: for dumps, tests and fuzzing, which meet messages whose type they learn
// at run time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "wire/json.h"

namespace gregor::wire {

enum class MessageKind : std::uint8_t {
  request,
  response,
  header,
  record,  ///< framed: metadata and remote log
  key,     ///< coordinator keys
  value,   ///< coordinator values
  data,
};

struct MessageRow {
  std::string_view name;
  MessageKind kind;
  std::int16_t number;  ///< API key, or type of the record; -1 where it has none
  std::int16_t version_min;
  std::int16_t version_max;
  std::int16_t flexible_since;

  /// Decodes a whole body and encodes it again.
  Result<ByteBuffer> (*recode)(Bytes body, std::int16_t version);
  /// Decodes a whole body and shows it as Kafka's JSON converter does.
  Result<Json> (*dump)(Bytes body, std::int16_t version);
  /// The body that the JSON describes.
  Result<ByteBuffer> (*build)(const Json& json, std::int16_t version);
  /// The body of a random instance.
  Result<ByteBuffer> (*draw)(std::int16_t version, RandomStream& random);
};

/// In the order of the schema's files.
std::span<const MessageRow> all_messages();
/// Null where there is none of that name.
const MessageRow* find_message(std::string_view name);

}  // namespace gregor::wire

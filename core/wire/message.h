// What every generated message offers, as free functions found by overload; here are the conveniences on top of them.
//
// For a message M (ProduceRequest, TopicRecord, ...) the generated header declares
//   Result<void> decode(Reader& from, M& into, std::int16_t version);      // borrows from the frame
//   Result<void> check_version(const M& message, std::int16_t version);    // may it be written at this version?
//   void add_size(Size& size, const M& message, std::int16_t version);     // exact
//   void encode(Writer& to, const M& message, std::int16_t version);       // requires check_version to have passed
//   Json to_json(const M& message, std::int16_t version);                  // Kafka's JSON converter's form
//   Result<void> from_json(const Json& from, M& into, std::int16_t version, Arena& arena);
//   void randomize(M& into, std::int16_t version, RandomStream& random, Arena& arena);
// and M has kName, kVersionMin, kVersionMax, kFlexibleSince (kNeverFlexible where no version is), requests and
// responses also kApiKey, records kRecordType.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace gregor {
class RandomStream;
}

namespace gregor::wire {

class Arena;
class Json;

inline constexpr std::int16_t kNeverFlexible = 0x7fff;

/// Exact number of bytes that encode() writes.
template <class Message>
std::size_t size_of(const Message& message, std::int16_t version) {
  Size size;
  add_size(size, message, version);
  return size.bytes;
}

/// The bytes of the body alone. unsupported or invalid when check_version refuses.
template <class Message>
Result<ByteBuffer> encode_body(const Message& message, std::int16_t version) {
  TRY(check_version(message, version));
  ByteBuffer body(size_of(message, version));
  Writer to{MutableBytes(body)};
  encode(to, message, version);
  to.finish();
  return body;
}

/// Decodes a body that must end where `body` ends.
template <class Message>
Result<void> decode_body(Bytes body, Message& into, std::int16_t version) {
  Reader from(body);
  TRY(decode(from, into, version));
  return from.finish();
}

}  // namespace gregor::wire

// How a message becomes a row of the registry. Only the generated messages.cc includes this.
#pragma once

#include "wire/arena.h"
#include "wire/message.h"
#include "wire/registry.h"

namespace gregor::wire {

template <class Message>
Result<ByteBuffer> recode_body(Bytes body, std::int16_t version) {
  Message message;
  TRY(decode_body(body, message, version));
  return encode_body(message, version);
}

template <class Message>
Result<Json> dump_body(Bytes body, std::int16_t version) {
  Message message;
  TRY(decode_body(body, message, version));
  return to_json(message, version);
}

template <class Message>
Result<ByteBuffer> build_body(const Json& json, std::int16_t version) {
  Arena arena;
  Message message;
  TRY(from_json(json, message, version, arena));
  return encode_body(message, version);
}

template <class Message>
Result<ByteBuffer> draw_body(std::int16_t version, RandomStream& random) {
  Arena arena;
  Message message;
  randomize(message, version, random, arena);
  return encode_body(message, version);
}

template <class Message>
constexpr MessageRow row(MessageKind kind, std::int16_t number) {
  return {Message::kName,
          kind,
          number,
          Message::kVersionMin,
          Message::kVersionMax,
          Message::kFlexibleSince,
          &recode_body<Message>,
          &dump_body<Message>,
          &build_body<Message>,
          &draw_body<Message>};
}

}  // namespace gregor::wire

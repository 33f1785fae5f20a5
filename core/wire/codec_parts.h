// What the generated codecs lean on. Not for others.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace gregor::wire {

/// Kafka's strings are at most this long, in the compact form too.
inline constexpr std::size_t kTextBytesMax = 0x7fff;

/// Why a message cannot be written at a version. `field` is null when it can.
struct Refusal {
  enum class Why : unsigned char { absent, null, too_long };
  const char* field = nullptr;  ///< "TopicProduceData.topicId"
  Why why = Why::absent;
};
Result<void> result_of(const Refusal& refusal, const char* message, std::int16_t version);

tl::unexpected<Error> unserved_version(const char* message, std::int16_t version);
tl::unexpected<Error> unknown_type(const char* family, std::int16_t type);

template <class Message>
Result<void> check_served(std::int16_t version) {
  if (version < Message::kVersionMin || version > Message::kVersionMax)
    return unserved_version(Message::kName, version);
  return {};
}

}  // namespace gregor::wire

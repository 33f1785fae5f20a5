// What a client may conclude from how a request ended.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "wire/error_code.h"

namespace gregor::client {

enum class Certainty : unsigned char {
  done,     ///< the broker answered without error
  refused,  ///< the broker answered with an error after which nothing was stored
  unknown,  ///< no answer, a time-out, or an error that promises nothing: it may or may not have happened
};

/// How one record fared.
struct Delivery {
  Certainty certainty = Certainty::unknown;
  Offset offset = kNoOffset;                      ///< where done with acks other than 0
  wire::ErrorCode error = wire::ErrorCode::none;  ///< the last one seen
  std::string text;                               ///< for people, empty where done
};

}  // namespace gregor::client

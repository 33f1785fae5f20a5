// Arena: owns the texts and bytes that a message borrows when it comes from JSON, from a draw, or from code that
// composes it. What it hands out stays valid until the arena goes.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gregor::wire {

class Arena {
 public:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  Bytes keep(ByteBuffer bytes) { return blobs_.emplace_back(std::move(bytes)); }

 private:
  std::deque<std::string> texts_;  // a deque never moves its elements
  std::deque<ByteBuffer> blobs_;
};

}  // namespace gregor::wire

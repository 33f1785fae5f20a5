// UnknownTags: tagged fields that this version of the schema does not know. They are kept and written back, as KIP-482
// asks. One pointer wide while empty, since every flexible struct carries one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace gregor::wire {

/// The greatest tag number that Kafka's writer takes.
inline constexpr std::uint32_t kTagMax = 2147483646;

struct UnknownTag {
  std::uint32_t number = 0;
  Bytes bytes;  ///< borrowed from the frame
};

class UnknownTags {
 public:
  UnknownTags() = default;
  UnknownTags(const UnknownTags& other);
  UnknownTags& operator=(const UnknownTags& other);
  UnknownTags(UnknownTags&&) noexcept = default;
  UnknownTags& operator=(UnknownTags&&) noexcept = default;
  ~UnknownTags() = default;

  [[nodiscard]] bool empty() const { return tags_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return tags_ ? tags_->size() : 0; }
  /// Requires index < size().
  const UnknownTag& operator[](std::size_t index) const { return (*tags_)[index]; }
  /// Requires number <= kTagMax, and greater than that of every tag already here.
  void add(std::uint32_t number, Bytes bytes);

 private:
  std::unique_ptr<std::vector<UnknownTag>> tags_;
};

}  // namespace gregor::wire

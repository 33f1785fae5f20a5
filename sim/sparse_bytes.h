// A growing array of bytes where untouched pages cost nothing and copies share pages until one of them writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace gregor::sim {

class SparseBytes {
 public:
  static constexpr std::size_t kPageBytes = 4096;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Grows with zeros or cuts.
  void resize(std::uint64_t size);
  /// Extends where needed; a gap reads as zeros.
  void write(std::uint64_t at, Bytes bytes);
  /// How much was there to read: less than `into` at the end.
  std::size_t read(std::uint64_t at, MutableBytes into) const;
  /// Requires at < size().
  void flip_bit(std::uint64_t at, unsigned bit);
  [[nodiscard]] std::byte byte_at(std::uint64_t at) const;
  [[nodiscard]] ByteBuffer copy() const;
  bool operator==(const SparseBytes& other) const;

 private:
  using Page = std::array<std::byte, kPageBytes>;
  Page& own_page(std::uint64_t index);
  std::uint64_t size_ = 0;
  std::vector<std::shared_ptr<Page>> pages_;  ///< null: zeros
};

}  // namespace gregor::sim

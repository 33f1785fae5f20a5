// LogBytes: whole batches read from a log, owned, never zero-filled before the read.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"

namespace gregor::storage {

class LogBytes {
 public:
  LogBytes() = default;
  explicit LogBytes(std::size_t size) : storage_(std::make_unique_for_overwrite<std::byte[]>(size)), size_(size) {}

  /// Good while this object lives; moving it keeps the address.
  [[nodiscard]] Bytes bytes() const { return {storage_.get() + begin_, size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// For the one who fills it.
  MutableBytes mutable_bytes() { return {storage_.get() + begin_, size_}; }
  /// Keeps [begin, begin + size) of what it holds.
  void narrow(std::size_t begin, std::size_t size) {
    begin_ += begin;
    size_ = size;
  }

 private:
  std::unique_ptr<std::byte[]> storage_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace gregor::storage

// Cuts the bytes of one connection into frames: an int32 size, then that many bytes. A pure state machine: no socket,
// no fiber, so an idle connection costs this object and nothing else.
//
// Promises: memory grows with the bytes that came, not with the size that a frame claims (F1: less than 4 times as
// much, and 4 KiB for a start); a size below zero or above the limit is an error before anything is kept for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace gregor::broker {

/// One request as it came, without its size. Shared, since the answers of other shards may outlive the connection, and
/// writable: offsets are put in place into the batches that it holds.
class Frame {
 public:
  explicit Frame(std::size_t size) : size_(size) {}
  /// All of it; requires that it is complete.
  [[nodiscard]] MutableBytes bytes() const { return {buffer_.get(), size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  friend class FrameReader;
  void grow(std::size_t capacity);
  std::size_t size_;
  std::size_t filled_ = 0;
  std::size_t capacity_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
};
using FramePtr = std::shared_ptr<Frame>;

/// The room for a frame of `size` bytes of which `needed` are known to come next; pure, for F1.
std::size_t frame_capacity(std::size_t size, std::size_t needed);

class FrameReader {
 public:
  /// `frame_bytes_max` is socket.request.max.bytes.
  explicit FrameReader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  /// Where the next bytes of the connection are to be read to: `scratch`, which may be shared by all connections, or
  /// the rest of a large frame. Good until took().
  MutableBytes room(MutableBytes scratch);
  /// The first `count` bytes of that room came. Errors: malformed (negative size), limit (too large); then the
  /// connection is beyond help and the reader may only be destroyed.
  Result<void> took(std::size_t count);

  [[nodiscard]] bool has_frame() const { return !complete_.empty(); }
  /// The oldest complete frame. Requires has_frame().
  FramePtr take();
  /// True between two frames, when nothing is left over.
  [[nodiscard]] bool at_boundary() const { return !current_ && header_filled_ == 0; }

 private:
  Result<Bytes> begin_frame(Bytes input);
  Bytes fill_frame(Bytes input);

  std::size_t frame_bytes_max_;
  std::byte header_[4] = {};
  std::size_t header_filled_ = 0;
  FramePtr current_;
  std::deque<FramePtr> complete_;
  MutableBytes room_;
  bool room_is_frame_ = false;
};

}  // namespace gregor::broker

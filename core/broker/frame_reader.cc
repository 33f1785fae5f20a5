#include "broker/frame_reader.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace gregor::broker {
namespace {

/// A frame gets its first buffer of this size, then four times as much each time it is full, up to its own size.
constexpr std::size_t kFirstBytes = 4096;
/// From this much on, bytes are read straight into the frame.
constexpr std::size_t kDirectBytesMin = 16 * 1024;

}  // namespace

std::size_t frame_capacity(std::size_t size, std::size_t needed) {
  std::size_t capacity = kFirstBytes;
  while (capacity < needed) capacity *= 4;
  return std::min(size, capacity);
}

void Frame::grow(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<std::byte[]>(capacity);
  if (filled_ > 0) std::memcpy(larger.get(), buffer_.get(), filled_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

MutableBytes FrameReader::room(MutableBytes scratch) {
  room_is_frame_ = current_ != nullptr && current_->size_ - current_->filled_ >= kDirectBytesMin;
  if (room_is_frame_) {
    if (current_->filled_ == current_->capacity_)
      current_->grow(frame_capacity(current_->size_, current_->filled_ + 1));
    room_ = {current_->buffer_.get() + current_->filled_, current_->capacity_ - current_->filled_};
  } else {
    room_ = scratch;
  }
  return room_;
}

Result<void> FrameReader::took(std::size_t count) {
  CHECK(count <= room_.size());
  Bytes input = room_.first(count);
  if (room_is_frame_) {
    current_->filled_ += count;
    input = {};
    if (current_->filled_ == current_->size_) complete_.push_back(std::move(current_));
  }
  while (!input.empty()) {
    if (!current_) {
      TRY_ASSIGN(input, begin_frame(input));
    }
    if (current_) input = fill_frame(input);
  }
  return {};
}

Result<Bytes> FrameReader::begin_frame(Bytes input) {
  const std::size_t taken = std::min(sizeof header_ - header_filled_, input.size());
  std::memcpy(header_ + header_filled_, input.data(), taken);
  header_filled_ += taken;
  if (header_filled_ == sizeof header_) {
    const auto size = load_big_endian<std::int32_t>(header_);
    if (size < 0) return fail(Errc::malformed, "frame size " + std::to_string(size) + " is negative");
    if (static_cast<std::size_t>(size) > frame_bytes_max_) {
      return fail(Errc::limit, "frame size " + std::to_string(size) + " is above socket.request.max.bytes");
    }
    current_ = std::make_shared<Frame>(static_cast<std::size_t>(size));
    header_filled_ = 0;
    if (size == 0) complete_.push_back(std::move(current_));
  }
  return input.subspan(taken);
}

Bytes FrameReader::fill_frame(Bytes input) {
  Frame& frame = *current_;
  const std::size_t taken = std::min(frame.size_ - frame.filled_, input.size());
  if (frame.filled_ + taken > frame.capacity_) frame.grow(frame_capacity(frame.size_, frame.filled_ + taken));
  if (taken > 0) std::memcpy(frame.buffer_.get() + frame.filled_, input.data(), taken);
  frame.filled_ += taken;
  if (frame.filled_ == frame.size_) complete_.push_back(std::move(current_));
  return input.subspan(taken);
}

FramePtr FrameReader::take() {
  CHECK(has_frame());
  FramePtr frame = std::move(complete_.front());
  complete_.pop_front();
  return frame;
}

}  // namespace gregor::broker

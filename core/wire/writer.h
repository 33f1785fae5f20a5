// Size and Writer: the two passes of encoding. The first counts exactly; the second fills what the first asked for.
// Fields marked zero-copy (records, and the payloads of envelopes) can be left out of the copy: a GatheredFrame refers
// to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/uuid.h"
#include "base/varint.h"
#include "wire/unknown_tags.h"

namespace gregor::wire {

/// Zero-copy fields shorter than this are copied all the same: a separate piece of a writev costs more.
inline constexpr std::size_t kBorrowBytesMin = 1024;

/// Bytes to send in order: `own` cut at each piece's place, with the pieces between.
/// The pieces borrow: whoever sends keeps what they point to alive and unchanged until the last byte is written.
struct GatheredFrame {
  struct Piece {
    std::size_t after;  ///< goes out after own[0, after)
    Bytes bytes;
  };
  ByteBuffer own;
  std::vector<Piece> pieces;  ///< in rising order of `after`

  [[nodiscard]] std::size_t size() const;
  /// The spans in the order in which they go out, none empty.
  [[nodiscard]] std::vector<Bytes> spans() const;
  /// One contiguous copy.
  [[nodiscard]] ByteBuffer flatten() const;
};

/// Sum of an encoding. Every add_ mirrors one write_ of Writer.
struct Size {
  std::size_t bytes = 0;     ///< in all
  std::size_t borrowed = 0;  ///< of these, in zero-copy fields of at least kBorrowBytesMin

  void add(std::size_t count) { bytes += count; }
  void add_uvarint(std::uint32_t value) { bytes += varint_size(value); }
  void add_count(std::size_t count, bool compact) { bytes += compact ? varint_size(count + 1) : 4; }
  void add_null_count(bool compact) { bytes += compact ? 1 : 4; }
  void add_text(std::string_view text, bool compact) {
    bytes += (compact ? varint_size(text.size() + 1) : 2) + text.size();
  }
  void add_text(const std::optional<std::string_view>& text, bool compact) {
    if (text) return add_text(*text, compact);
    bytes += compact ? 1 : 2;
  }
  void add_bytes(Bytes blob, bool compact) { bytes += (compact ? varint_size(blob.size() + 1) : 4) + blob.size(); }
  void add_bytes(const std::optional<Bytes>& blob, bool compact) {
    if (blob) return add_bytes(*blob, compact);
    bytes += compact ? 1 : 4;
  }
  void add_borrowed(const std::optional<Bytes>& blob, bool compact) {
    add_bytes(blob, compact);
    if (blob && blob->size() >= kBorrowBytesMin) borrowed += blob->size();
  }
  void add_tag(std::uint32_t number, std::size_t size) { bytes += varint_size(number) + varint_size(size); }
  void add_unknown_tags(const UnknownTags& tags);
};

/// Fills a buffer that was sized by Size. Writing past its end is a programmer error and crashes.
class Writer {
 public:
  /// Copies everything into `into`, which outlives the writer.
  explicit Writer(MutableBytes into) : begin_(into.data()), at_(into.data()), end_(into.data() + into.size()) {}
  /// Copies into `frame.own`, which must hold size.bytes - size.borrowed; refers to the rest in `frame.pieces`.
  explicit Writer(GatheredFrame& frame) : Writer(MutableBytes(frame.own)) { pieces_ = &frame.pieces; }

  /// CHECKs that the buffer was filled exactly.
  void finish() const { CHECK(at_ == end_); }

  template <class Int>
  void write(Int value) {
    CHECK(static_cast<std::size_t>(end_ - at_) >= sizeof(Int));
    store_big_endian(at_, value);
    at_ += sizeof(Int);
  }
  void write(bool value) { write(static_cast<std::int8_t>(value)); }
  void write(double value) { write(std::bit_cast<std::uint64_t>(value)); }
  void write(const Uuid& value) {
    CHECK(end_ - at_ >= 16);
    value.to_bytes(at_);
    at_ += 16;
  }
  void write_uvarint(std::uint32_t value) {
    CHECK(static_cast<std::size_t>(end_ - at_) >= varint_size(value));
    at_ = write_varint(at_, value);
  }
  void write_count(std::size_t count, bool compact) {
    compact ? write_uvarint(static_cast<std::uint32_t>(count + 1)) : write(static_cast<std::int32_t>(count));
  }
  void write_null_count(bool compact) { compact ? write(std::int8_t{0}) : write(std::int32_t{-1}); }
  void write_text(std::string_view text, bool compact) {
    compact ? write_uvarint(static_cast<std::uint32_t>(text.size() + 1))
            : write(static_cast<std::int16_t>(text.size()));
    append(bytes_of(text));
  }
  void write_text(const std::optional<std::string_view>& text, bool compact) {
    if (text) return write_text(*text, compact);
    compact ? write(std::int8_t{0}) : write(std::int16_t{-1});
  }
  void write_bytes(Bytes blob, bool compact) {
    write_count(blob.size(), compact);
    append(blob);
  }
  void write_bytes(const std::optional<Bytes>& blob, bool compact) {
    if (blob) return write_bytes(*blob, compact);
    write_null_count(compact);
  }
  void write_borrowed(const std::optional<Bytes>& blob, bool compact);
  void write_tag(std::uint32_t number, std::size_t size) {
    write_uvarint(number);
    write_uvarint(static_cast<std::uint32_t>(size));
  }
  /// Writes the unknown tags from index `next` on whose numbers are below `limit`; returns the index of the first left.
  std::size_t write_unknown_tags(const UnknownTags& tags, std::size_t next = 0, std::uint32_t limit = 0xffffffffU);

 private:
  void append(Bytes bytes) {
    CHECK(static_cast<std::size_t>(end_ - at_) >= bytes.size());
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  std::byte* begin_;
  std::byte* at_;
  std::byte* end_;
  std::vector<GatheredFrame::Piece>* pieces_ = nullptr;
};

}  // namespace gregor::wire

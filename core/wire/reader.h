// Reader: takes values of Kafka's wire off a frame. Texts and bytes that it yields borrow from the frame.
// A failed read returns false and remembers what and where; the generated decoders add the path of the field while they
// return. Promises: never reads outside the frame, never allocates but for the text of an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "wire/unknown_tags.h"

namespace gregor::wire {

class Reader {
 public:
  explicit Reader(Bytes frame) : begin_(frame.data()), at_(frame.data()), end_(frame.data() + frame.size()) {}

  [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  /// All that is left, without taking it.
  [[nodiscard]] Bytes rest() const { return {at_, remaining()}; }
  /// Ok when every byte was used; malformed otherwise. Call it after the last decode() of a frame.
  [[nodiscard]] Result<void> finish() const;

  // What the generated decoders are made of. Each returns false at the first fault and leaves the reader useless.
  template <class Int>
  [[nodiscard]] bool read(Int& into) {
    if (remaining() < sizeof(Int)) return fail_short();
    into = load_big_endian<Int>(at_);
    at_ += sizeof(Int);
    return true;
  }
  [[nodiscard]] bool read(bool& into) {  // any byte but 0 is true
    std::int8_t byte = 0;
    const bool done = read(byte);
    into = byte != 0;
    return done;
  }
  [[nodiscard]] bool read(double& into);
  [[nodiscard]] bool read(Uuid& into) {
    if (remaining() < 16) return fail_short();
    into = Uuid::from_bytes(at_);
    at_ += 16;
    return true;
  }
  [[nodiscard]] bool read_uvarint(std::uint32_t& into) {
    if (at_ != end_ && std::to_integer<std::uint32_t>(*at_) < 0x80) {
      into = std::to_integer<std::uint32_t>(*at_++);
      return true;
    }
    return read_long_uvarint(into);
  }
  /// `compact`: the flexible form, an unsigned varint of length + 1. Null is a fault.
  [[nodiscard]] bool read_text(std::string_view& into, bool compact);
  [[nodiscard]] bool read_text_or_null(std::optional<std::string_view>& into, bool compact, bool nullable = true);
  [[nodiscard]] bool read_bytes(Bytes& into, bool compact);
  [[nodiscard]] bool read_bytes_or_null(std::optional<Bytes>& into, bool compact, bool nullable = true);
  /// The count of an array whose elements take at least `element_bytes_min` each: a count that cannot fit in what is
  /// left of the frame is a fault, so that nobody allocates for it. -1 is null.
  [[nodiscard]] bool read_count(std::int64_t& count, bool compact, std::size_t element_bytes_min, bool nullable);
  /// The byte (or, in a tagged field, the unsigned varint) before a struct that may be null.
  [[nodiscard]] bool read_presence(bool& present, bool tagged);

  struct Tag {
    std::uint32_t number = 0;
    const std::byte* end = nullptr;
  };
  /// How many tagged fields end this struct.
  [[nodiscard]] bool read_tag_count(std::uint32_t& count);
  /// Number and size of the next tagged field; numbers must rise. `first` is true for the first of a struct.
  [[nodiscard]] bool open_tag(Tag& tag, bool first);
  /// The field must have used exactly its size.
  [[nodiscard]] bool close_tag(const Tag& tag);
  /// Keeps the field just opened, whole.
  [[nodiscard]] bool keep_tag(const Tag& tag, UnknownTags& into);
  /// The whole end of a struct that knows no tags.
  [[nodiscard]] bool read_unknown_tags(UnknownTags& into);

  /// Records the first fault at the present position. Always false.
  [[gnu::cold]] bool fail_here(std::string_view what);
  /// Adds a step of the path to the fault on the way out. Always false.
  [[gnu::cold]] bool inside(std::string_view field);
  [[gnu::cold]] bool inside(std::string_view field, std::size_t index);
  /// The fault as an error: "FetchRequest v12: topics[0].partitions[3].fetchOffset: ends early, at byte 41".
  [[nodiscard, gnu::cold]] Error fault(std::string_view message, std::int16_t version) const;

 private:
  bool read_long_uvarint(std::uint32_t& into);
  bool read_length(std::int64_t& length, bool compact, bool wide);
  bool take(std::size_t count, Bytes& into);
  [[gnu::cold]] bool fail_short();

  const std::byte* begin_;
  const std::byte* at_;
  const std::byte* end_;
  std::size_t fault_position_ = 0;
  std::string fault_;
  std::string path_;
};

}  // namespace gregor::wire

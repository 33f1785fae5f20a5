#include "wire/reader.h"

#include "base/varint.h"
#include "wire/codec_parts.h"

namespace gregor::wire {

Result<void> Reader::finish() const {
  if (at_ == end_) return {};
  return fail(Errc::malformed, std::to_string(remaining()) + " bytes too many, at byte " + std::to_string(position()));
}

bool Reader::read(double& into) {
  std::uint64_t bits = 0;
  const bool done = read(bits);
  into = std::bit_cast<double>(bits);
  return done;
}

bool Reader::read_long_uvarint(std::uint32_t& into) {
  const std::size_t taken = read_varint(rest(), into);
  if (taken == 0)
    return remaining() < kVarintBytesMax ? fail_short() : fail_here("an unsigned varint goes on after five bytes");
  at_ += taken;
  return true;
}

/// Lengths below 0 are null, as Kafka reads them: the compact form of 0 is -1, and a varint past 2^31 wraps.
bool Reader::read_length(std::int64_t& length, bool compact, bool wide) {
  if (compact) {
    std::uint32_t value = 0;
    if (!read_uvarint(value)) return false;
    length = static_cast<std::int32_t>(value - 1);
    return true;
  }
  if (wide) {
    std::int32_t value = 0;
    if (!read(value)) return false;
    length = value;
    return true;
  }
  std::int16_t value = 0;
  if (!read(value)) return false;
  length = value;
  return true;
}

bool Reader::take(std::size_t count, Bytes& into) {
  if (count > remaining()) return fail_short();
  into = {at_, count};
  at_ += count;
  return true;
}

bool Reader::read_text_or_null(std::optional<std::string_view>& into, bool compact, bool nullable) {
  std::int64_t length = 0;
  if (!read_length(length, compact, false)) return false;
  if (length < 0) {
    into.reset();
    return nullable || fail_here("may not be null");
  }
  if (length > static_cast<std::int64_t>(kTextBytesMax)) return fail_here("a string is longer than 32767 bytes");
  Bytes bytes;
  if (!take(static_cast<std::size_t>(length), bytes)) return false;
  into = text_of(bytes);
  return true;
}

bool Reader::read_text(std::string_view& into, bool compact) {
  std::optional<std::string_view> text;
  if (!read_text_or_null(text, compact, false)) return false;
  into = *text;
  return true;
}

bool Reader::read_bytes_or_null(std::optional<Bytes>& into, bool compact, bool nullable) {
  std::int64_t length = 0;
  if (!read_length(length, compact, true)) return false;
  if (length < 0) {
    into.reset();
    return nullable || fail_here("may not be null");
  }
  return take(static_cast<std::size_t>(length), into.emplace());
}

bool Reader::read_bytes(Bytes& into, bool compact) {
  std::optional<Bytes> bytes;
  if (!read_bytes_or_null(bytes, compact, false)) return false;
  into = *bytes;
  return true;
}

bool Reader::read_count(std::int64_t& count, bool compact, std::size_t element_bytes_min, bool nullable) {
  if (!read_length(count, compact, true)) return false;
  if (count < 0) {
    count = -1;
    return nullable || fail_here("may not be null");
  }
  if (static_cast<std::size_t>(count) > remaining() / element_bytes_min) {
    return fail_here("an array of " + std::to_string(count) + " elements does not fit in what is left");
  }
  return true;
}

bool Reader::read_presence(bool& present, bool tagged) {
  if (tagged) {
    std::uint32_t value = 0;
    const bool done = read_uvarint(value);
    present = value != 0;
    return done;
  }
  std::int8_t value = 0;
  const bool done = read(value);
  present = value >= 0;
  return done;
}

bool Reader::read_tag_count(std::uint32_t& count) {
  if (!read_uvarint(count)) return inside("tagged fields");
  if (count <= remaining() / 2) return true;
  fail_here("more tagged fields than fit in what is left");
  return inside("tagged fields");
}

bool Reader::open_tag(Tag& tag, bool first) {
  const std::uint32_t before = tag.number;
  std::uint32_t size = 0;
  if (!read_uvarint(tag.number) || !read_uvarint(size)) return inside("tagged fields");
  if (tag.number > kTagMax || (!first && tag.number <= before)) {
    fail_here("tag numbers do not rise");
    return inside("tagged fields");
  }
  if (size > remaining()) {
    fail_short();
    return inside("tagged fields");
  }
  tag.end = at_ + size;
  return true;
}

bool Reader::close_tag(const Tag& tag) {
  return at_ == tag.end || fail_here("a tagged field is not as long as its size says");
}

bool Reader::keep_tag(const Tag& tag, UnknownTags& into) {
  into.add(tag.number, {at_, static_cast<std::size_t>(tag.end - at_)});
  at_ = tag.end;
  return true;
}

bool Reader::read_unknown_tags(UnknownTags& into) {
  std::uint32_t count = 0;
  if (!read_tag_count(count)) return false;
  Tag tag;
  for (std::uint32_t nth = 0; nth < count; ++nth) {
    if (!open_tag(tag, nth == 0) || !keep_tag(tag, into)) return false;
  }
  return true;
}

bool Reader::fail_short() {
  return fail_here("the frame ends early");
}

bool Reader::fail_here(std::string_view what) {
  if (!fault_.empty()) return false;
  fault_ = what;
  fault_position_ = position();
  return false;
}

bool Reader::inside(std::string_view field) {
  path_ = std::string(field) + (path_.empty() ? "" : "." + path_);
  return false;
}

bool Reader::inside(std::string_view field, std::size_t index) {
  return inside(std::string(field) + "[" + std::to_string(index) + "]");
}

Error Reader::fault(std::string_view message, std::int16_t version) const {
  const std::string text = std::string(message) + " v" + std::to_string(version) + ": " + path_ + ": " + fault_ +
                           ", at byte " + std::to_string(fault_position_);
  return Error{Errc::malformed, text, 0};
}

}  // namespace gregor::wire

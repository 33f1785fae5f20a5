// Any bytes in any pieces as one connection: the frames are those that a plain cut of the bytes yields, and what is
// kept grows with the bytes that came. Input: one byte for the limit, one for the size of the room, one for the size of
// the pieces; the rest came over the wire.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "broker/frame_reader.h"

namespace {

using namespace gregor;

struct Cut {
  std::vector<Bytes> frames;
  bool is_broken = false;  ///< a size that no frame may have
  bool is_whole = false;   ///< nothing is left over
};

Cut plain_cut(Bytes bytes, std::size_t limit) {
  Cut cut;
  while (bytes.size() >= 4) {
    const auto size = load_big_endian<std::int32_t>(bytes.data());
    cut.is_broken = size < 0 || static_cast<std::size_t>(size) > limit;
    if (cut.is_broken) return cut;
    if (bytes.size() - 4 < static_cast<std::size_t>(size)) return cut;
    cut.frames.push_back(bytes.subspan(4, static_cast<std::size_t>(size)));
    bytes = bytes.subspan(4 + static_cast<std::size_t>(size));
  }
  cut.is_whole = bytes.empty();
  return cut;
}

/// Whether the reader took it all.
bool feed(broker::FrameReader& reader, Bytes bytes, std::size_t piece, MutableBytes scratch) {
  while (!bytes.empty()) {
    const MutableBytes room = reader.room(scratch);
    CHECK(!room.empty());
    const std::size_t count = std::min({room.size(), bytes.size(), piece});
    std::memcpy(room.data(), bytes.data(), count);
    const auto took = reader.took(count);
    if (!took) {
      CHECK(took.error().code == Errc::malformed || took.error().code == Errc::limit);
      return false;
    }
    bytes = bytes.subspan(count);
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t limit = std::size_t{1} << (input[0] % 32);
  std::vector<std::byte> scratch(1 + input[1] * 16u);
  const Bytes bytes = std::as_bytes(std::span(input, size)).subspan(3);
  const Cut cut = plain_cut(bytes, limit);
  broker::FrameReader reader(limit);
  CHECK(feed(reader, bytes, 1 + input[2] * 8u, scratch) != cut.is_broken);
  for (const Bytes frame : cut.frames) {
    // Frames before a broken size may be lost with the connection, but none may differ.
    if (cut.is_broken && !reader.has_frame()) return 0;
    CHECK(reader.has_frame());
    const broker::FramePtr taken = reader.take();
    CHECK(std::ranges::equal(taken->bytes(), frame));
  }
  CHECK(!reader.has_frame());
  CHECK(cut.is_broken || reader.at_boundary() == cut.is_whole);
  return 0;
}

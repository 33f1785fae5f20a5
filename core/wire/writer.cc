#include "wire/writer.h"

namespace gregor::wire {

std::size_t GatheredFrame::size() const {
  std::size_t sum = own.size();
  for (const Piece& piece : pieces) sum += piece.bytes.size();
  return sum;
}

std::vector<Bytes> GatheredFrame::spans() const {
  std::vector<Bytes> result;
  result.reserve(2 * pieces.size() + 1);
  const Bytes all(own);
  std::size_t from = 0;
  for (const Piece& piece : pieces) {
    if (piece.after > from) result.push_back(all.subspan(from, piece.after - from));
    result.push_back(piece.bytes);
    from = piece.after;
  }
  if (from < all.size()) result.push_back(all.subspan(from));
  return result;
}

ByteBuffer GatheredFrame::flatten() const {
  ByteBuffer flat;
  flat.reserve(size());
  for (const Bytes span : spans()) append_bytes(flat, span);
  return flat;
}

void Size::add_unknown_tags(const UnknownTags& tags) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    add_tag(tags[i].number, tags[i].bytes.size());
    add(tags[i].bytes.size());
  }
}

void Writer::write_borrowed(const std::optional<Bytes>& blob, bool compact) {
  if (pieces_ == nullptr || !blob || blob->size() < kBorrowBytesMin) return write_bytes(blob, compact);
  write_count(blob->size(), compact);
  pieces_->push_back({static_cast<std::size_t>(at_ - begin_), *blob});
}

std::size_t Writer::write_unknown_tags(const UnknownTags& tags, std::size_t next, std::uint32_t limit) {
  for (; next < tags.size() && tags[next].number < limit; ++next) {
    write_tag(tags[next].number, tags[next].bytes.size());
    append(tags[next].bytes);
  }
  return next;
}

}  // namespace gregor::wire

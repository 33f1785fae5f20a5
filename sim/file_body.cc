#include "sim/file_body.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::sim {

Losses& Losses::operator+=(const Losses& other) {
  writes_lost += other.writes_lost;
  writes_torn += other.writes_torn;
  names_lost += other.names_lost;
  return *this;
}

void FileBody::write(std::uint64_t at, Bytes bytes, const WriteFate& fate) {
  content_.write(at, bytes);
  Operation operation{++last_sequence_, false, at, ByteBuffer(bytes.begin(), bytes.end()), fate};
  unsynced_.push_back(std::move(operation));
  for (std::uint64_t sector = at / kSectorBytes; !bad_sectors_.empty() && sector * kSectorBytes < at + bytes.size();
       ++sector) {
    bad_sectors_.erase(sector);
  }
}

void FileBody::truncate(std::uint64_t size) {
  content_.resize(size);
  unsynced_.push_back({++last_sequence_, true, size, {}, {}});
}

void FileBody::apply(const Operation& operation) {
  if (operation.is_truncate) {
    durable_.resize(operation.at);
    return;
  }
  // The size is kept by the file system, whatever became of the bytes.
  const std::uint64_t end = operation.at + operation.bytes.size();
  if (end > durable_.size()) durable_.resize(end);
  if (operation.fate.lost) return;
  if (!operation.fate.lands_at) {
    durable_.write(operation.at, operation.bytes);
    return;
  }
  const std::uint64_t landing = *operation.fate.lands_at;
  if (landing >= durable_.size()) return;
  const std::uint64_t room = durable_.size() - landing;
  durable_.write(landing, Bytes(operation.bytes).first(std::min<std::uint64_t>(room, operation.bytes.size())));
}

void FileBody::sync(std::uint64_t up_to) {
  while (!unsynced_.empty() && unsynced_.front().sequence <= up_to) {
    apply(unsynced_.front());
    unsynced_.pop_front();
  }
}

void FileBody::write_back_half() {
  if (unsynced_.empty()) return;
  sync(unsynced_[unsynced_.size() / 2].sequence);
}

void FileBody::forget(std::uint64_t up_to, bool show_durable_now) {
  while (!unsynced_.empty() && unsynced_.front().sequence <= up_to) unsynced_.pop_front();
  if (show_durable_now) show_durable();
}

void FileBody::show_durable() {
  content_ = durable_;
  for (const Operation& operation : unsynced_) {
    if (operation.is_truncate) {
      content_.resize(operation.at);
    } else {
      content_.write(operation.at, operation.bytes);
    }
  }
}

void FileBody::rot(std::uint64_t at, unsigned bit) {
  CHECK(at < durable_.size());
  if (at < content_.size() && content_.byte_at(at) == durable_.byte_at(at)) content_.flip_bit(at, bit);
  durable_.flip_bit(at, bit);
}

bool FileBody::touches_bad_sector(std::uint64_t at, std::uint64_t length) const {
  if (length == 0) return false;
  const auto first = bad_sectors_.lower_bound(at / kSectorBytes);
  return first != bad_sectors_.end() && *first * kSectorBytes < at + length;
}

}  // namespace gregor::sim

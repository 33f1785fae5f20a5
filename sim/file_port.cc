#include <algorithm>
#include <cerrno>

#include "base/crc32c.h"
#include "sim/disk_port.h"

namespace gregor::sim {
namespace {

std::uint64_t total_of(std::span<const Bytes> pieces) {
  std::uint64_t total = 0;
  for (const Bytes piece : pieces) total += piece.size();
  return total;
}

/// The first `count` bytes of all pieces together.
ByteBuffer gather(std::span<const Bytes> pieces, std::uint64_t count) {
  ByteBuffer gathered;
  gathered.reserve(count);
  for (const Bytes piece : pieces) {
    const std::uint64_t left = count - gathered.size();
    append_bytes(gathered, piece.first(std::min<std::uint64_t>(left, piece.size())));
  }
  return gathered;
}

Error bad_file() {
  return {Errc::invalid, "the file is open for reading only", EBADF};
}

}  // namespace

FilePort::FilePort(DiskPort& disk, TreeNodeRef node, bool may_write)
    : disk_(disk), node_(std::move(node)), may_write_(may_write) {}

void FilePort::touch() {
  node_->modified_ms = disk_.wall_ms();
}

Result<std::size_t> FilePort::preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) {
  Result<std::size_t> answer = std::size_t{0};
  disk_.operate(self, disk_.image().law().read, [&]() -> std::uint64_t {
    std::uint64_t sum = 0;
    answer = read_now(at.value(), into, sum);
    return sum;
  });
  return answer;
}

Result<std::size_t> FilePort::read_now(std::uint64_t at, std::span<const MutableBytes> into, std::uint64_t& sum) {
  std::uint64_t wanted = 0;
  for (const MutableBytes piece : into) wanted += piece.size();
  if (disk_.strikes(disk_.image().law().read_error, FaultKind::read_error)) {
    return fail(Errc::io, "the disk failed a read", EIO);
  }
  if (node_->body.touches_bad_sector(at, wanted)) {
    disk_.faults().had_effect(FaultKind::bad_sector);
    return fail(Errc::io, "the disk cannot read a sector", EIO);
  }
  std::size_t done = 0;
  std::uint32_t crc = 0;
  for (const MutableBytes piece : into) {
    const std::size_t count = node_->body.content().read(at + done, piece);
    crc = extend_crc32c(crc, piece.first(count));
    done += count;
    if (count < piece.size()) break;
  }
  sum = (static_cast<std::uint64_t>(done) << 32) ^ crc ^ (at << 8);
  return done;
}

Result<std::size_t> FilePort::pwritev(env::Fiber& self, FilePosition at, std::span<const Bytes> from) {
  if (!may_write_) return fail(bad_file());
  Result<std::size_t> answer = std::size_t{0};
  disk_.operate(self, disk_.image().law().write, [&]() -> std::uint64_t {
    std::uint64_t sum = 0;
    answer = write_now(at.value(), from, sum);
    return sum;
  });
  return answer;
}

/// How many of the wanted bytes fit the disk.
std::uint64_t FilePort::room_for(std::uint64_t at, std::uint64_t wanted) {
  if (disk_.image().law().capacity_bytes == kBoundlessBytes) return wanted;
  const std::uint64_t held = std::max(node_->body.content().size(), node_->reserved_bytes);
  if (at + wanted <= held) return wanted;
  const std::uint64_t limit = held + disk_.image().free_bytes();
  return limit >= at + wanted ? wanted : limit > at ? limit - at : 0;
}

WriteFate FilePort::draw_fate() {
  WriteFate fate;
  const DiskLaw& law = disk_.image().law();
  fate.lost = disk_.strikes(law.lost_write, FaultKind::lost_write);
  const std::uint64_t sectors = node_->body.durable().size() / kSectorBytes;
  if (!fate.lost && sectors > 0 && disk_.strikes(law.misdirected_write, FaultKind::misdirected_write)) {
    fate.lands_at = disk_.fault_stream().below(sectors) * kSectorBytes;
  }
  return fate;
}

Result<std::size_t> FilePort::write_now(std::uint64_t at, std::span<const Bytes> from, std::uint64_t& sum) {
  const DiskLaw& law = disk_.image().law();
  const std::uint64_t offered = total_of(from);
  std::uint64_t count = room_for(at, offered);
  if (count < offered) disk_.faults().fired_with_effect(FaultKind::disk_full);
  if (count == 0 && offered > 0) return fail(Errc::no_space, "the disk is full", ENOSPC);
  const bool fails = disk_.strikes(law.write_error, FaultKind::write_error);
  if (fails) {
    count = disk_.fault_stream().below(count + 1);  // what a failed write leaves behind is anyone's guess
  } else if (count > 1 && disk_.strikes(law.short_write, FaultKind::short_write)) {
    count = 1 + disk_.fault_stream().below(count - 1);
  }
  const ByteBuffer bytes = gather(from, count);
  if (count > 0) {
    const WriteFate fate = draw_fate();
    node_->body.write(at, bytes, fate);
    if (node_->body.unsynced_count() > law.unsynced_writes_max) node_->body.write_back_half();
    touch();
  }
  sum = checksum_of(bytes) ^ (at << 8);
  if (fails) return fail(Errc::io, "the disk failed a write", EIO);
  return static_cast<std::size_t>(count);
}

Result<void> FilePort::fdatasync(env::Fiber& self) {
  const std::uint64_t mark = node_->body.mark();
  Result<void> answer;
  disk_.operate(self, disk_.image().law().sync, [&]() -> std::uint64_t {
    answer = sync_now(mark);
    return mark * 2 + (answer ? 1 : 0);
  });
  return answer;
}

Result<void> FilePort::sync_now(std::uint64_t up_to) {
  const DiskLaw& law = disk_.image().law();
  if (disk_.strikes(law.sync_error, FaultKind::sync_error)) {
    const bool show_durable = law.sync_error_drops_content.draw(disk_.fault_stream());
    node_->body.forget(up_to, show_durable);
    return fail(Errc::io, "the disk failed an fsync", EIO);
  }
  if (!disk_.strikes(law.lying_sync, FaultKind::lying_sync)) node_->body.sync(up_to);
  return {};
}

void FilePort::drop_clean_pages(env::Fiber& self) {
  disk_.operate(self, disk_.image().law().names, [&]() -> std::uint64_t {
    node_->body.show_durable();
    return node_->body.content().size();
  });
}

Result<void> FilePort::truncate(env::Fiber& self, FilePosition size) {
  if (!may_write_) return fail(bad_file());
  Result<void> answer;
  disk_.operate(self, disk_.image().law().write, [&]() -> std::uint64_t {
    if (disk_.strikes(disk_.image().law().write_error, FaultKind::write_error)) {
      answer = fail(Errc::io, "the disk failed a truncate", EIO);
      return 1;
    }
    node_->body.truncate(size.value());
    touch();
    return size.value();
  });
  return answer;
}

Result<void> FilePort::reserve(env::Fiber& self, FilePosition size) {
  if (!may_write_) return fail(bad_file());
  Result<void> answer;
  disk_.operate(self, disk_.image().law().write, [&]() -> std::uint64_t {
    if (room_for(0, size.value()) < size.value()) {
      disk_.faults().fired_with_effect(FaultKind::disk_full);
      answer = fail(Errc::no_space, "the disk is full", ENOSPC);
    } else {
      node_->reserved_bytes = std::max(node_->reserved_bytes, size.value());
    }
    return size.value();
  });
  return answer;
}

Result<FilePosition> FilePort::size(env::Fiber& self) {
  FilePosition answer{0};
  disk_.operate(self, disk_.image().law().names, [&]() -> std::uint64_t {
    answer = FilePosition{node_->body.content().size()};
    return answer.value();
  });
  return answer;
}

}  // namespace gregor::sim

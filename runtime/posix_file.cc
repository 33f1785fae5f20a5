#include "runtime/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "runtime/blocking_call.h"
#include "runtime/os_error.h"

namespace gregor::runtime {
namespace {

constexpr std::size_t kPiecesPerWrite = 64;

struct Pieces {
  std::array<iovec, kPiecesPerWrite> vectors;
  int count = 0;
  std::size_t bytes = 0;
};

/// The first pieces after `skip` bytes, as many as one call takes.
template <class Piece>
Pieces pieces_after(std::span<const Piece> all, std::size_t skip) {
  Pieces pieces;
  for (const Piece piece : all) {
    const std::size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    if (skipped == piece.size()) continue;
    if (pieces.count == static_cast<int>(kPiecesPerWrite)) break;
    auto* start = const_cast<std::byte*>(piece.data()) + skipped;  // iovec knows no const
    pieces.vectors[static_cast<std::size_t>(pieces.count++)] = {start, piece.size() - skipped};
    pieces.bytes += piece.size() - skipped;
  }
  return pieces;
}

off_t offset_of(FilePosition at) {
  return static_cast<off_t>(at.value());
}

}  // namespace

Result<std::size_t> PosixFile::preadv(env::Fiber& self, FilePosition at, std::span<const MutableBytes> into) {
  std::size_t read = 0;
  for (;;) {
    const Pieces pieces = pieces_after(into, read);
    if (pieces.count == 0) return read;
    const off_t from = offset_of(at + read);
    CallOutcome outcome;
    outcome.value =
        ::preadv2(descriptor_.number(), pieces.vectors.data(), pieces.count, from, asks_page_cache_ ? RWF_NOWAIT : 0);
    if (outcome.value < 0) outcome.os_error = errno;
    if (outcome.os_error == EAGAIN) {
      outcome = call_on_worker(self, jobs_, [&pieces, from, descriptor = descriptor_.number()] {
        return ::preadv(descriptor, pieces.vectors.data(), pieces.count, from);
      });
    }
    if (outcome.os_error == EOPNOTSUPP && asks_page_cache_) {
      asks_page_cache_ = false;
    } else if (outcome.os_error == EINTR) {
      continue;
    } else if (outcome.os_error != 0) {
      return os_failure("read of " + path_, outcome.os_error);
    } else if (outcome.value == 0) {
      return read;
    } else {
      read += static_cast<std::size_t>(outcome.value);
    }
  }
}

Result<std::size_t> PosixFile::pwritev(env::Fiber&, FilePosition at, std::span<const Bytes> from) {
  const Pieces pieces = pieces_after(from, 0);
  if (pieces.count == 0) return std::size_t{0};
  for (;;) {
    const ssize_t written = ::pwritev(descriptor_.number(), pieces.vectors.data(), pieces.count, offset_of(at));
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno != EINTR) return os_failure("write of " + path_, errno);
  }
}

Result<void> PosixFile::fdatasync(env::Fiber& self) {
  return succeed_on_worker(self, jobs_, "flush of " + path_,
                           [descriptor = descriptor_.number()] { return ::fdatasync(descriptor); });
}

Result<void> PosixFile::truncate(env::Fiber& self, FilePosition size) {
  return succeed_on_worker(self, jobs_, "truncation of " + path_, [descriptor = descriptor_.number(), size] {
    return ::ftruncate(descriptor, offset_of(size));
  });
}

Result<void> PosixFile::reserve(env::Fiber& self, FilePosition size) {
  if (size.value() == 0) return {};
  return succeed_on_worker(self, jobs_, "reservation for " + path_, [descriptor = descriptor_.number(), size] {
    return ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, offset_of(size));
  });
}

Result<FilePosition> PosixFile::size(env::Fiber&) {
  struct stat status {};
  if (::fstat(descriptor_.number(), &status) != 0) return os_failure("status of " + path_, errno);
  return FilePosition(static_cast<std::uint64_t>(status.st_size));
}

void PosixFile::drop_clean_pages(env::Fiber&) {
  static_cast<void>(::posix_fadvise(descriptor_.number(), 0, 0, POSIX_FADV_DONTNEED));
}

}  // namespace gregor::runtime

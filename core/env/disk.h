// Files, at the level of system calls. Short writes, failing fsync and full disks are results; what they mean is core's
// to decide.
//
// Every call that takes a fiber may suspend: the real world sends cold reads and flushes to worker threads, the
// simulator suspends wherever it likes. Buffers must stay alive and unchanged until the call returns; a cancel is held
// back until then. What a crash keeps: a process crash keeps every completed write; a power loss keeps only what a
// completed fdatasync (of the file) and sync_directory (for names: creations, renames, links, removals) cover, plus any
// part of the rest, torn as it likes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "env/fiber.h"

namespace gregor::env {

enum class OpenMode : unsigned char {
  read_only,   ///< not_found when absent
  read_write,  ///< not_found when absent
  create,      ///< read-write; made when absent
  create_new,  ///< read-write; `exists` when present
};

class File {
 public:
  virtual ~File() = default;
  /// Bytes read, 0 at or beyond the end; may be short only at the end of the file. Errors: io.
  virtual Result<std::size_t> preadv(Fiber& self, FilePosition at, std::span<const MutableBytes> into) = 0;
  /// Bytes written, perhaps fewer than offered. Extends the file; a gap reads as zeros. Errors: io, no_space.
  virtual Result<std::size_t> pwritev(Fiber& self, FilePosition at, std::span<const Bytes> from) = 0;
  /// Durable when it returns without error. After an error nothing written since the last success may be trusted, even
  /// if a later call succeeds.
  virtual Result<void> fdatasync(Fiber& self) = 0;
  virtual Result<void> truncate(Fiber& self, FilePosition size) = 0;
  /// Reserves space up to `size` without changing the file's length. Errors: no_space, unsupported.
  virtual Result<void> reserve(Fiber& self, FilePosition size) = 0;
  virtual Result<FilePosition> size(Fiber& self) = 0;
  /// Lets reads show what the disk holds where the system may show better: pages that a failed fdatasync, of this
  /// process or one before it, left behind unwritten but clean. What is yet to be written stays. As good as the system
  /// can; never an error.
  virtual void drop_clean_pages(Fiber& self) { static_cast<void>(self); }
};

struct FileStatus {
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;  ///< wall clock
  bool is_directory = false;
};

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t usable_bytes = 0;
};

/// A lock on a directory that dies with the process.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(Fiber& self, const std::string& path, OpenMode mode) = 0;
  /// Replaces `to` atomically when it is a file. Directories too.
  virtual Result<void> rename(Fiber& self, const std::string& from, const std::string& to) = 0;
  virtual Result<void> link(Fiber& self, const std::string& existing, const std::string& name) = 0;
  virtual Result<void> unlink(Fiber& self, const std::string& path) = 0;
  /// `exists` when it is there.
  virtual Result<void> make_directory(Fiber& self, const std::string& path) = 0;
  /// Must be empty.
  virtual Result<void> remove_directory(Fiber& self, const std::string& path) = 0;
  /// fsync of a directory: makes its entries durable.
  virtual Result<void> sync_directory(Fiber& self, const std::string& path) = 0;
  /// Names without "." and "..", sorted by bytes.
  virtual Result<std::vector<std::string>> list(Fiber& self, const std::string& path) = 0;
  virtual Result<FileStatus> status(Fiber& self, const std::string& path) = 0;
  virtual Result<DiskSpace> space(Fiber& self, const std::string& path) = 0;
  /// Exclusive, by a file of this path (made when absent). Errors: exists when another process holds it.
  virtual Result<std::unique_ptr<DirectoryLock>> lock(Fiber& self, const std::string& path) = 0;
};

/// pwritev until all is written. Errors as pwritev; on error any prefix may be in the file.
Result<void> write_all(Fiber& self, File& file, FilePosition at, std::span<const Bytes> from);
Result<void> write_all(Fiber& self, File& file, FilePosition at, Bytes from);
/// Reads exactly `into.size()` bytes. Errors: malformed when the file ends first, io.
Result<void> read_exactly(Fiber& self, File& file, FilePosition at, MutableBytes into);
/// A whole small file. Errors: limit when it is larger than `bytes_max`.
Result<ByteBuffer> read_file(Fiber& self, Disk& disk, const std::string& path, std::size_t bytes_max);
/// Replaces a file so that a crash leaves the old or the new: writes `path`.tmp, fdatasync, rename, fsync of the
/// directory.
Result<void> replace_file(Fiber& self, Disk& disk, const std::string& path, Bytes content);
/// Each file so, with one fsync of the directory that they share; a crash may leave some old and some new. Requires one
/// file at least.
struct NewContent {
  std::string path;
  Bytes content;
};
Result<void> replace_files(Fiber& self, Disk& disk, std::span<const NewContent> files);
/// Behind the name of a file that is being written and will be renamed once it is whole.
inline constexpr std::string_view kUnfinishedSuffix = ".tmp";
/// "a/b/c" to "a/b"; "." where there is no slash.
std::string directory_of(const std::string& path);

}  // namespace gregor::env

#include "env/disk.h"

#include <algorithm>

#include "base/mutant.h"

namespace gregor::env {
namespace {

/// Pieces offered to one pwritev; a longer list goes in turns.
constexpr std::size_t kPiecesMax = 64;

/// What is left of `from` after its first `skip` bytes, as at most kPiecesMax pieces.
std::vector<Bytes> rest_of(std::span<const Bytes> from, std::size_t skip) {
  std::vector<Bytes> rest;
  for (const Bytes piece : from) {
    const std::size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    if (skipped < piece.size()) rest.push_back(piece.subspan(skipped));
    if (rest.size() == kPiecesMax) break;
  }
  return rest;
}

Result<void> write_new_file(Fiber& self, Disk& disk, const std::string& path, Bytes content) {
  TRY_ASSIGN(const std::unique_ptr<File> file, disk.open(self, path, OpenMode::create));
  TRY(file->truncate(self, FilePosition{0}));
  TRY(write_all(self, *file, FilePosition{0}, content));
  return file->fdatasync(self);
}

}  // namespace

Result<void> write_all(Fiber& self, File& file, FilePosition at, std::span<const Bytes> from) {
  std::size_t total = 0;
  for (const Bytes piece : from) total += piece.size();
  for (std::size_t written = 0; written < total;) {
    const std::vector<Bytes> rest = rest_of(from, written);
    TRY_ASSIGN(const std::size_t taken, file.pwritev(self, at + written, rest));
    if (taken == 0)
      return fail(Errc::io, "the disk took no byte of a write at " + std::to_string((at + written).value()));
    written += taken;
  }
  return {};
}

Result<void> write_all(Fiber& self, File& file, FilePosition at, Bytes from) {
  return write_all(self, file, at, std::span<const Bytes>(&from, 1));
}

Result<void> read_exactly(Fiber& self, File& file, FilePosition at, MutableBytes into) {
  while (!into.empty()) {
    TRY_ASSIGN(const std::size_t taken, file.preadv(self, at, std::span<const MutableBytes>(&into, 1)));
    if (taken == 0) return fail(Errc::malformed, "the file ends at " + std::to_string(at.value()));
    at = at + taken;
    into = into.subspan(taken);
  }
  return {};
}

Result<ByteBuffer> read_file(Fiber& self, Disk& disk, const std::string& path, std::size_t bytes_max) {
  TRY_ASSIGN(const std::unique_ptr<File> file, disk.open(self, path, OpenMode::read_only));
  TRY_ASSIGN(const FilePosition size, file->size(self));
  if (size.value() > bytes_max) {
    return fail(Errc::limit,
                path + " holds " + std::to_string(size.value()) + " bytes, more than " + std::to_string(bytes_max));
  }
  ByteBuffer content(size.value());
  TRY(read_exactly(self, *file, FilePosition{0}, content));
  return content;
}

Result<void> replace_file(Fiber& self, Disk& disk, const std::string& path, Bytes content) {
  const NewContent file{path, content};
  return replace_files(self, disk, std::span(&file, 1));
}

Result<void> replace_files(Fiber& self, Disk& disk, std::span<const NewContent> files) {
  const std::string unfinished(kUnfinishedSuffix);
  for (const NewContent& file : files) {
    TRY(write_new_file(self, disk, MUTANT(replace_file_in_place) ? file.path : file.path + unfinished, file.content));
  }
  if (MUTANT(replace_file_in_place)) return {};
  for (const NewContent& file : files) TRY(disk.rename(self, file.path + unfinished, file.path));
  if (MUTANT(skip_directory_fsync)) return {};
  return disk.sync_directory(self, directory_of(files.front().path));
}

}  // namespace gregor::env

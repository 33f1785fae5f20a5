#include "storage/segment_files.h"

#include <algorithm>
#include <array>

#include "base/mutant.h"
#include "storage/aborted_transaction.h"

namespace gregor::storage {
namespace {

/// The last `size` bytes of a file whose length must be a multiple of `size`; empty when the file is.
Result<ByteBuffer> last_entry(env::Fiber& self, env::Disk& disk, const std::string& path, std::size_t size) {
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::read_only));
  TRY_ASSIGN(const FilePosition end, file->size(self));
  if (end.value() % size != 0) return fail(Errc::corrupt, path + " ends within an entry");
  ByteBuffer entry(std::min<std::uint64_t>(size, end.value()));
  TRY(env::read_exactly(self, *file, end - entry.size(), entry));
  return entry;
}

}  // namespace

bool is_absent(const Error& error) {
  return error.code == Errc::not_found;
}

Result<void> SegmentFiles::sync_folder(env::Fiber& self) {
  if (MUTANT(skip_directory_fsync)) return {};
  return disk_.sync_directory(self, folder_);
}

Result<std::unique_ptr<env::File>> SegmentFiles::create(env::Fiber& self, Offset base_offset) {
  TRY(remove_file(self, path(base_offset, FileKind::transaction_index)));
  for (const auto kind : {FileKind::offset_index, FileKind::time_index}) {
    TRY_ASSIGN(const auto index, disk_.open(self, path(base_offset, kind), env::OpenMode::create));
    TRY(index->truncate(self, FilePosition{0}));
  }
  TRY_ASSIGN(auto log, disk_.open(self, path(base_offset, FileKind::log), env::OpenMode::create));
  TRY(log->truncate(self, FilePosition{0}));
  TRY(sync_folder(self));
  return log;
}

Result<std::unique_ptr<env::File>> SegmentFiles::open_log(env::Fiber& self, Offset base_offset) {
  return disk_.open(self, path(base_offset, FileKind::log), env::OpenMode::read_write);
}

Result<void> SegmentFiles::write_index(env::Fiber& self, const SegmentIndex& index) {
  const ByteBuffer offsets = index.encode_offsets();
  const ByteBuffer times = index.encode_times();
  const std::array<env::NewContent, 2> files{{{path(index.base_offset(), FileKind::offset_index), offsets},
                                              {path(index.base_offset(), FileKind::time_index), times}}};
  return env::replace_files(self, disk_, files);
}

Result<void> SegmentFiles::remove_index(env::Fiber& self, Offset base_offset) {
  TRY(remove_file(self, path(base_offset, FileKind::time_index)));
  return remove_file(self, path(base_offset, FileKind::offset_index));
}

Result<SegmentIndex> SegmentFiles::read_index(env::Fiber& self, Offset base_offset, Offset end_offset,
                                              std::uint64_t log_bytes) {
  TRY_ASSIGN(const auto offsets,
             env::read_file(self, disk_, path(base_offset, FileKind::offset_index), kIndexBytesMax));
  TRY_ASSIGN(const auto times, env::read_file(self, disk_, path(base_offset, FileKind::time_index), kIndexBytesMax));
  return SegmentIndex::decode(base_offset, end_offset, log_bytes, offsets, times);
}

Result<TimeEntry> SegmentFiles::probe_index(env::Fiber& self, Offset base_offset, Offset end_offset,
                                            std::uint64_t log_bytes) {
  const auto offset_path = path(base_offset, FileKind::offset_index);
  const auto time_path = path(base_offset, FileKind::time_index);
  TRY_ASSIGN(const auto offset_entry, last_entry(self, disk_, offset_path, kOffsetEntryBytes));
  TRY_ASSIGN(const auto time_entry, last_entry(self, disk_, time_path, kTimeEntryBytes));
  TRY_ASSIGN(const auto last, SegmentIndex::decode(base_offset, end_offset, log_bytes, offset_entry, time_entry));
  if (last.time_entries().empty()) return fail(Errc::corrupt, "the time index is empty");
  return last.time_entries().back();
}

Result<void> SegmentFiles::remove_file(env::Fiber& self, const std::string& path) {
  auto removed = disk_.unlink(self, path);
  if (!removed && is_absent(removed.error())) return {};
  return removed;
}

Result<void> SegmentFiles::remove(env::Fiber& self, Offset base_offset) {
  TRY(remove_file(self, path(base_offset, FileKind::log)));
  TRY(sync_folder(self));
  for (const auto kind : {FileKind::offset_index, FileKind::time_index, FileKind::transaction_index}) {
    TRY(remove_file(self, path(base_offset, kind)));
  }
  return {};
}

Result<std::uint64_t> SegmentFiles::trim_transaction_index(env::Fiber& self, Offset base_offset, Offset end) {
  const auto index_path = path(base_offset, FileKind::transaction_index);
  auto content = env::read_file(self, disk_, index_path, kIndexBytesMax);
  if (!content && is_absent(content.error())) return 0;
  if (!content) return fail(std::move(content.error()));
  // The last entry may have been torn by a crash: what is whole in front of it stands.
  const Bytes whole = Bytes(*content).first(content->size() - content->size() % kAbortedTransactionBytes);
  const auto transactions = parse_transaction_index(whole);
  if (!transactions) {
    TRY(remove_file(self, index_path));
    return 0;
  }
  // In the order of their markers: what stays is a beginning, and needs no space.
  const auto goes = [&](const AbortedTransaction& transaction) { return transaction.last_offset >= end; };
  const auto first_gone = std::ranges::find_if(*transactions, goes);
  const auto kept = static_cast<std::uint64_t>(first_gone - transactions->begin()) * kAbortedTransactionBytes;
  if (kept == content->size()) return kept;
  TRY_ASSIGN(const auto file, disk_.open(self, index_path, env::OpenMode::read_write));
  TRY(file->truncate(self, FilePosition{kept}));
  TRY(file->fdatasync(self));
  return kept;
}

}  // namespace gregor::storage

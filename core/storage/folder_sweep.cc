#include "storage/folder_sweep.h"

#include <algorithm>
#include <map>
#include <string>

#include "storage/batch_stream.h"
#include "storage/checkpoint_file.h"
#include "storage/partition_metadata.h"

namespace gregor::storage {
namespace {

struct NamedFile {
  std::string name;
  SegmentFile file;
};

Result<std::vector<NamedFile>> segment_files_in(env::Fiber& self, SegmentFiles& files) {
  TRY_ASSIGN(const auto names, files.disk().list(self, files.folder()));
  std::vector<NamedFile> found;
  for (const auto& name : names) {
    if (const auto file = parse_file_name(name)) found.push_back({name, *file});
  }
  return found;
}

/// Where the batches of a cleaned segment end, so far as they are right.
Result<Offset> end_of_batches(env::Fiber& self, env::Disk& disk, const std::string& path, Offset base) {
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::read_only));
  TRY_ASSIGN(const FilePosition size, file->size(self));
  BatchStream stream(*file, FilePosition{0}, size, BatchTrust::header);
  for (Offset end = base;;) {
    auto batch = stream.next(self);
    if (!batch && batch.error().code != Errc::corrupt) return fail(std::move(batch.error()));
    if (!batch || !*batch) return end;
    end = (*batch)->batch.next_offset();
  }
}

/// A swap set replaces the segments in its range: they go, then it takes its names (KAFKA-6264 and KIP-405's sources).
Result<void> finish_swaps(env::Fiber& self, SegmentFiles& files, const std::vector<NamedFile>& swaps) {
  if (swaps.empty()) return {};
  Offset begin{INT64_MAX};
  Offset end{0};
  for (const auto& swap : swaps) {
    if (swap.file.kind != FileKind::log) continue;
    begin = std::min(begin, swap.file.base_offset);
    TRY_ASSIGN(const Offset its_end,
               end_of_batches(self, files.disk(), files.folder() + "/" + swap.name, swap.file.base_offset));
    end = std::max(end, its_end);
  }
  TRY_ASSIGN(const auto all, segment_files_in(self, files));
  for (const auto& [name, file] : all) {
    const bool is_replaced = file.stage == FileStage::live && file.kind != FileKind::producer_snapshot &&
                             file.base_offset >= begin && file.base_offset < end;
    if (is_replaced) TRY(files.remove_file(self, files.folder() + "/" + name));
  }
  for (const auto& swap : swaps) {
    TRY(files.disk().rename(self, files.folder() + "/" + swap.name, files.path(swap.file.base_offset, swap.file.kind)));
  }
  return files.sync_folder(self);
}

Result<void> remove_unfinished(env::Fiber& self, SegmentFiles& files) {
  TRY_ASSIGN(const auto all, segment_files_in(self, files));
  Offset first_cleaned{INT64_MAX};
  for (const auto& [name, file] : all) {
    if (file.stage == FileStage::cleaned) first_cleaned = std::min(first_cleaned, file.base_offset);
  }
  std::vector<NamedFile> swaps;
  for (const auto& found : all) {
    // A swap file beyond a cleaned one belongs to a split that was not all renamed: all of it is undone.
    const bool is_whole_swap = found.file.stage == FileStage::swap && found.file.base_offset < first_cleaned;
    if (is_whole_swap) {
      swaps.push_back(found);
    } else if (found.file.stage != FileStage::live) {
      TRY(files.remove_file(self, files.folder() + "/" + found.name));
    }
  }
  return finish_swaps(self, files, swaps);
}

}  // namespace

Result<SweptFolder> sweep_folder(env::Fiber& self, SegmentFiles& files) {
  TRY(remove_unfinished(self, files));
  for (const auto name : {kLeaderEpochFile, kPartitionMetadataFile}) {
    TRY(files.remove_file(self, files.folder() + "/" + std::string(name) + ".tmp"));
  }
  TRY_ASSIGN(const auto all, segment_files_in(self, files));
  SweptFolder swept;
  for (const auto& [name, file] : all) {
    if (file.kind == FileKind::log) swept.segments.insert(file.base_offset);
    if (file.kind == FileKind::producer_snapshot) swept.snapshots.insert(file.base_offset);
  }
  for (const auto& [name, file] : all) {
    const bool is_derived = file.kind != FileKind::log && file.kind != FileKind::producer_snapshot;
    if (is_derived && !swept.segments.contains(file.base_offset)) {
      TRY(files.remove_file(self, files.folder() + "/" + name));
    }
  }
  return swept;
}

}  // namespace gregor::storage

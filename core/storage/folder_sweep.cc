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

Result<void> rename_swaps(env::Fiber& self, SegmentFiles& files, const std::vector<NamedFile>& swaps, bool are_logs) {
  for (const auto& swap : swaps) {
    if ((swap.file.kind == FileKind::log) != are_logs) continue;
    TRY(files.disk().rename(self, files.folder() + "/" + swap.name, files.path(swap.file.base_offset, swap.file.kind)));
  }
  return files.sync_folder(self);
}

/// A swap set replaces the segments in its range: they go, then it takes its names, the logs first (KAFKA-6264 and
/// KIP-405's sources). Each step is durable before the next: see SegmentSwap.
Result<void> finish_swaps(env::Fiber& self, SegmentFiles& files, const std::vector<NamedFile>& swaps) {
  if (swaps.empty()) return {};
  std::set<Offset> bases;
  Offset begin{INT64_MAX};
  Offset end{0};
  for (const auto& swap : swaps) {
    if (swap.file.kind != FileKind::log) continue;
    bases.insert(swap.file.base_offset);
    begin = std::min(begin, swap.file.base_offset);
    TRY_ASSIGN(const Offset its_end,
               end_of_batches(self, files.disk(), files.folder() + "/" + swap.name, swap.file.base_offset));
    end = std::max(end, its_end);
  }
  TRY_ASSIGN(const auto all, segment_files_in(self, files));
  for (const auto& [name, file] : all) {
    const bool is_in_range = file.base_offset >= begin && file.base_offset < end;
    const bool is_replaced = file.stage == FileStage::live && file.kind != FileKind::producer_snapshot &&
                             (is_in_range || bases.contains(file.base_offset));
    if (is_replaced) TRY(files.remove_file(self, files.folder() + "/" + name));
  }
  TRY(files.sync_folder(self));
  TRY(rename_swaps(self, files, swaps, true));
  return rename_swaps(self, files, swaps, false);
}

/// In the order that lets a crash meanwhile be seen for what it is: see SegmentSwap::undo().
Result<void> remove_in_order(env::Fiber& self, SegmentFiles& files, const std::vector<NamedFile>& unfinished) {
  const auto turn_of = [](const SegmentFile& file) {
    if (file.kind != FileKind::log) return 1;
    return file.stage == FileStage::swap ? 0 : 2;
  };
  for (int turn = 0; turn < 3; ++turn) {
    bool is_any = false;
    for (const auto& [name, file] : unfinished) {
      if (turn_of(file) != turn) continue;
      TRY(files.remove_file(self, files.folder() + "/" + name));
      is_any = true;
    }
    if (is_any) TRY(files.sync_folder(self));
  }
  return {};
}

Result<void> remove_unfinished(env::Fiber& self, SegmentFiles& files) {
  TRY_ASSIGN(const auto all, segment_files_in(self, files));
  Offset first_cleaned{INT64_MAX};
  for (const auto& [name, file] : all) {
    if (file.stage == FileStage::cleaned) first_cleaned = std::min(first_cleaned, file.base_offset);
  }
  std::vector<NamedFile> swaps;
  std::vector<NamedFile> unfinished;
  for (const auto& found : all) {
    // A swap file beyond a cleaned one belongs to a split that was not all renamed: all of it is undone.
    const bool is_whole_swap = found.file.stage == FileStage::swap && found.file.base_offset < first_cleaned;
    if (is_whole_swap) {
      swaps.push_back(found);
    } else if (found.file.stage != FileStage::live) {
      unfinished.push_back(found);
    }
  }
  TRY(remove_in_order(self, files, unfinished));
  return finish_swaps(self, files, swaps);
}

}  // namespace

Result<SweptFolder> sweep_folder(env::Fiber& self, SegmentFiles& files) {
  TRY(remove_unfinished(self, files));
  for (const auto name : {kLeaderEpochFile, kPartitionMetadataFile}) {
    TRY(files.remove_file(self, files.folder() + "/" + std::string(name) + std::string(env::kUnfinishedSuffix)));
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
    } else if (file.kind == FileKind::transaction_index) {
      swept.transaction_indexes.insert(file.base_offset);
    }
  }
  return swept;
}

}  // namespace gregor::storage

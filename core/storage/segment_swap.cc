#include "storage/segment_swap.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/mutant.h"

namespace gregor::storage {
namespace {

std::string_view suffix_of_stage(FileStage stage) {
  switch (stage) {
    case FileStage::cleaned:
      return ".cleaned";
    case FileStage::swap:
      return ".swap";
    case FileStage::deleted:
      return ".deleted";
    default:
      return "";
  }
}

}  // namespace

std::string staged_path(const SegmentFiles& files, Offset base_offset, FileKind kind, FileStage stage) {
  return files.path(base_offset, kind) + std::string(suffix_of_stage(stage));
}

SegmentSwap::SegmentSwap(SegmentFiles& files, Offset base_offset, bool has_aborted, std::vector<Offset> replaced)
    : files_(files), base_offset_(base_offset), has_aborted_(has_aborted), replaced_(std::move(replaced)) {}

std::span<const FileKind> SegmentSwap::derived() const {
  static constexpr std::array kKinds{FileKind::offset_index, FileKind::time_index, FileKind::transaction_index};
  return std::span(kKinds).first(has_aborted_ ? 3 : 2);
}

Result<void> SegmentSwap::commit(env::Fiber& self) {
  const auto rename = [&](FileKind kind) {
    return files_.disk().rename(self, staged_path(files_, base_offset_, kind, FileStage::cleaned),
                                staged_path(files_, base_offset_, kind, FileStage::swap));
  };
  for (const auto kind : derived()) TRY(rename(kind));
  TRY(files_.sync_folder(self));
  TRY(rename(FileKind::log));
  if (MUTANT(swap_not_durable)) return {};
  return files_.sync_folder(self);
}

Result<void> SegmentSwap::undo(env::Fiber& self) {
  const auto remove = [&](FileKind kind, FileStage stage) {
    return files_.remove_file(self, staged_path(files_, base_offset_, kind, stage));
  };
  TRY(remove(FileKind::log, FileStage::swap));
  TRY(files_.sync_folder(self));
  for (const auto kind : {FileKind::offset_index, FileKind::time_index, FileKind::transaction_index}) {
    TRY(remove(kind, FileStage::swap));
    TRY(remove(kind, FileStage::cleaned));
  }
  TRY(files_.sync_folder(self));
  TRY(remove(FileKind::log, FileStage::cleaned));
  return files_.sync_folder(self);
}

Result<void> SegmentSwap::finish(env::Fiber& self) {
  for (const Offset base : replaced_) {
    TRY(files_.remove_file(self, files_.path(base, FileKind::log)));
    for (const auto kind : {FileKind::offset_index, FileKind::time_index, FileKind::transaction_index}) {
      TRY(files_.remove_file(self, files_.path(base, kind)));
    }
  }
  TRY(files_.sync_folder(self));
  const auto rename = [&](FileKind kind) {
    return files_.disk().rename(self, staged_path(files_, base_offset_, kind, FileStage::swap),
                                files_.path(base_offset_, kind));
  };
  TRY(rename(FileKind::log));
  TRY(files_.sync_folder(self));
  for (const auto kind : derived()) TRY(rename(kind));
  return files_.sync_folder(self);
}

}  // namespace gregor::storage

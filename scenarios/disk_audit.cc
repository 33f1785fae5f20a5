#include "scenarios/disk_audit.h"

#include <algorithm>

#include "properties/finally/log_files.h"
#include "record/batch_view.h"
#include "storage/segment_name.h"
#include "storage/topic_folder.h"

namespace gregor::scenarios {
namespace {

using storage::FileKind;

/// Base offsets of the segments among these names, rising.
std::vector<Offset> segments_in(const sim::TreeNode::Names& names) {
  std::vector<Offset> bases;
  for (const auto& [name, node] : names) {
    const auto file = storage::parse_file_name(name);
    const bool is_log = file && file->kind == FileKind::log && file->stage == storage::FileStage::live;
    if (is_log) bases.push_back(file->base_offset);
  }
  std::ranges::sort(bases);
  return bases;
}

ByteBuffer content_of(const sim::TreeNode::Names& names, Offset base, FileKind kind) {
  const auto found = names.find(storage::file_name(base, kind));
  return found == names.end() ? ByteBuffer{} : found->second->body.content().copy();
}

properties::GhostLog::Batch ghost_batch(const properties::StoredBatch& batch) {
  return {batch.base, batch.last, batch.crc, batch.producer, batch.epoch, batch.first_sequence, batch.leader_epoch};
}

bool is_metadata(const TopicPartition& partition) {
  return partition.topic == storage::kClusterMetadataTopic;
}

}  // namespace

std::string DiskAudit::folder_of(const TopicPartition& partition) const {
  const std::string name = "/" + storage::folder_name(partition.topic, partition.partition);
  // A folder that was never made to its end may lie beside the log, in another directory.
  for (const std::string& directory : directories_) {
    const auto folder = image_.names().find(directory + name);
    if (folder && !segments_in((*folder)->names).empty()) return directory + name;
  }
  return directories_.front() + name;
}

Offset DiskAudit::compacted_below(const std::string& folder_name) const {
  const auto found = compacted_.find(folder_name);
  return found == compacted_.end() ? Offset{0} : found->second;
}

void DiskAudit::note_gaps(const TopicPartition& partition, Offset below) {
  Offset& end = compacted_[storage::folder_name(partition.topic, partition.partition)];
  end = std::max(end, below);
}

void DiskAudit::on(const observe::Event& event) {
  if (const auto* opened = std::get_if<observe::LogOpened>(&event)) {
    seen_.erase(opened->partition);
    ends_[opened->partition] = opened->log_end;
    if (has_gaps_ && has_gaps_(opened->partition.topic)) note_gaps(opened->partition, opened->log_end + 1);
    if (is_metadata(opened->partition)) metadata_.saw_cut(opened->log_end);
    expect_durable(opened->partition, opened->log_end);
    if (is_metadata(opened->partition)) metadata_.saw_log_start(opened->log_start, see_snapshots(opened->partition));
  } else if (const auto* flushed = std::get_if<observe::LogFlushed>(&event)) {
    expect_durable(flushed->partition, flushed->offset);
    if (is_metadata(flushed->partition)) see_snapshots(flushed->partition);
  } else if (const auto* cut = std::get_if<observe::LogTruncated>(&event)) {
    seen_.erase(cut->partition);
    ends_[cut->partition] = cut->to;
    if (is_metadata(cut->partition)) metadata_.saw_cut(cut->to);
  } else if (const auto* anew = std::get_if<observe::LogBegunAnew>(&event)) {
    seen_.erase(anew->partition);
    ends_[anew->partition] = anew->at;
    if (!is_metadata(anew->partition)) return;
    metadata_.saw_beginning_anew();
    metadata_.saw_log_start(anew->at, see_snapshots(anew->partition));
  } else if (const auto* appended = std::get_if<observe::BatchAppended>(&event)) {
    // A follower takes over the gaps of a leader that compacts.
    Offset& end = ends_[appended->partition];
    if (appended->base > end) note_gaps(appended->partition, appended->base + 1);
    end = appended->last + 1;
  } else if (const auto* compacted = std::get_if<observe::SegmentsCompacted>(&event)) {
    seen_.erase(compacted->partition);
    note_gaps(compacted->partition, compacted->end + 1);
  } else if (const auto* started = std::get_if<observe::LogStartMoved>(&event)) {
    seen_.erase(started->partition);
    if (is_metadata(started->partition)) metadata_.saw_log_start(started->to, see_snapshots(started->partition));
  }
}

bool DiskAudit::is_rotten(const TopicPartition& partition) {
  const auto place = rotten_.find(storage::folder_name(partition.topic, partition.partition));
  if (place == rotten_.end()) return false;
  if (!stored_log(partition).damage.empty()) return true;
  rotten_.erase(place);
  seen_.erase(partition);
  return false;
}

void DiskAudit::expect_durable(const TopicPartition& partition, Offset end) {
  if (!flushes_count_ || is_rotten(partition)) return;
  const sim::TreeNodeRef folder = image_.names().find_durable(folder_of(partition));
  Seen& seen = seen_[partition];
  // A segment below the log start may go without a word: the log is then looked through from its new first one.
  const bool is_gone =
      folder != nullptr &&
      (seen.segment == kNoOffset || !folder->durable_names.contains(storage::file_name(seen.segment, FileKind::log)));
  if (is_gone) {
    const auto segments = segments_in(folder->durable_names);
    if (!segments.empty()) seen = {segments.front(), 0, segments.front()};
  }
  const Offset gaps_below = compacted_below(storage::folder_name(partition.topic, partition.partition));
  properties::MetadataFold* fold = is_metadata(partition) ? &metadata_ : nullptr;
  const bool has_any = folder != nullptr && seen.segment != kNoOffset;
  while (seen.next < end && has_any && see_next(*folder, seen, gaps_below, fold)) {
  }
  if (seen.next >= end) return;
  verdict_.violated("S2",
                    storage::folder_name(partition.topic, partition.partition) + ": flushed up to " +
                        std::to_string(end.value()) + " is claimed, and the platter holds it up to " +
                        std::to_string(seen.next.value()),
                    now_());
}

/// Steps over one durable batch, or into the next segment. False where neither is there.
bool DiskAudit::see_next(const sim::TreeNode& folder, Seen& seen, Offset gaps_below,
                         properties::MetadataFold* fold) const {
  const auto file = folder.durable_names.find(storage::file_name(seen.segment, FileKind::log));
  if (file == folder.durable_names.end()) return false;
  const sim::SparseBytes& bytes = file->second->body.durable();
  if (seen.position < bytes.size()) {
    ByteBuffer prefix(record::kBatchHeaderBytes);
    if (bytes.read(seen.position, prefix) < prefix.size()) return false;
    const auto header = record::BatchView::parse_header(prefix);
    if (!header) return false;
    const bool leaves_gap = header->base_offset() > seen.next && header->base_offset() < gaps_below;
    if (header->base_offset() != seen.next && !leaves_gap) return false;
    ByteBuffer whole(header->size());
    if (bytes.read(seen.position, whole) < whole.size()) return false;
    const auto batch = record::BatchView::parse(whole);
    if (!batch || !batch->crc_is_right()) return false;
    if (fold != nullptr) fold->saw_batch(*batch);
    seen.position += whole.size();
    seen.next = batch->next_offset();
    return true;
  }
  const std::vector<Offset> segments = segments_in(folder.durable_names);
  const auto next = std::ranges::upper_bound(segments, seen.segment);
  if (next == segments.end() || (*next != seen.next && *next >= gaps_below)) return false;
  seen = {*next, 0, *next};
  return true;
}

std::optional<quorum::SnapshotId> DiskAudit::see_snapshots(const TopicPartition& partition) {
  std::optional<quorum::SnapshotId> newest;
  const sim::TreeNodeRef folder = image_.names().find_durable(folder_of(partition));
  if (folder == nullptr) return newest;
  for (const auto& [name, node] : folder->durable_names) {
    const auto id = quorum::SnapshotId::from_file_name(name);
    if (!id) continue;
    metadata_.saw_snapshot(*id, node->body.durable().copy());
    newest = id;
  }
  return newest;
}

properties::GhostLog::Stored DiskAudit::stored_log(const TopicPartition& partition) const {
  properties::GhostLog::Stored stored;
  const auto folder = image_.names().find(folder_of(partition));
  if (!folder) return stored;
  const Offset gaps_below = compacted_below(storage::folder_name(partition.topic, partition.partition));
  for (const Offset base : segments_in((*folder)->names)) {
    const ByteBuffer content = content_of((*folder)->names, base, FileKind::log);
    const properties::StoredSegment segment = properties::read_segment(base, content, gaps_below);
    const bool follows = stored.batches.empty() || stored.batches.back().last + 1 == base || base < gaps_below;
    if (!follows) stored.damage = "segment " + std::to_string(base.value()) + ": does not follow the one before it";
    if (!segment.damage.empty()) stored.damage = "segment " + std::to_string(base.value()) + ", " + segment.damage;
    std::ranges::transform(segment.batches, std::back_inserter(stored.batches), ghost_batch);
  }
  return stored;
}

void DiskAudit::judge_clean_end() {
  for (const std::string& directory : directories_) judge_clean_end_of(directory);
}

void DiskAudit::judge_clean_end_of(const std::string& path) {
  const auto directory = image_.names().find(path);
  if (!directory) return;
  for (const auto& [name, folder] : (*directory)->names) {
    const auto topic = storage::parse_folder_name(name);
    if (!folder->is_directory || !topic || topic->stage != storage::FolderStage::live) continue;
    const std::vector<Offset> bases = segments_in(folder->names);
    for (const Offset base : bases) {
      const ByteBuffer content = content_of(folder->names, base, FileKind::log);
      const properties::StoredSegment segment = properties::read_segment(base, content, compacted_below(name));
      const std::string where = name + "/" + std::to_string(base.value());
      if (!segment.damage.empty()) verdict_.violated("S1", where + ".log, " + segment.damage, now_());
      const ByteBuffer offsets = content_of(folder->names, base, FileKind::offset_index);
      const ByteBuffer times = content_of(folder->names, base, FileKind::time_index);
      properties::judge_indexes(segment, offsets, times, where, verdict_, now_());
      if (base != bases.back()) properties::judge_sealed_time_index(segment, times, where, verdict_, now_());
    }
  }
}

}  // namespace gregor::scenarios

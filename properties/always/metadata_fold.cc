#include "properties/always/metadata_fold.h"

#include <string>
#include <utility>

#include "quorum/metadata_batch.h"
#include "record/record_view.h"

namespace gregor::properties {
namespace {

/// The image that the values of a snapshot make; none where it is damaged or does not end with its footer.
std::optional<metadata::Image> image_of(Bytes content) {
  metadata::Image image;
  metadata::Delta delta;
  record::CodecScratch scratch;
  bool has_footer = false;
  for (Bytes rest = content; !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    if (!batch || !batch->crc_is_right()) return std::nullopt;
    if (batch->is_control()) {
      record::RecordIterator records(*batch, batch->record_bytes());
      const auto first = records.next();
      has_footer = first && *first && record::control_type_of(**first) == record::ControlType::snapshot_footer;
    }
    const auto values = quorum::values_of(*batch, scratch);
    if (!values) return std::nullopt;
    for (const ByteBuffer& value : *values) {
      if (!image.apply(value, delta)) return std::nullopt;
    }
    rest = rest.subspan(batch->size());
  }
  if (!has_footer) return std::nullopt;
  return image;
}

}  // namespace

void MetadataFold::saw_batch(const record::BatchView& batch) {
  if (!is_sure_ || batch.last_offset() < end()) return;
  const End behind{batch.next_offset(), batch.leader_epoch()};
  if (batch.base_offset() == end() && !truth_->contains(behind)) {
    metadata::Replay replay = path_.empty() ? metadata::Replay() : truth_->at(path_.back());
    record::CodecScratch scratch;
    const auto values = quorum::values_of(batch, scratch);
    if (values && replay.apply_batch(*values, batch.last_offset(), batch.leader_epoch())) {
      static_cast<void>(replay.take_change());
      truth_->emplace(behind, std::move(replay));
    }
  }
  if (batch.base_offset() == end() && truth_->contains(behind)) {
    former_.clear();
    return path_.push_back(behind);
  }
  violated("the metadata batch at " + std::to_string(batch.base_offset().value()) + " does not follow offset " +
           std::to_string(end().value() - 1));
  forget();
}

void MetadataFold::saw_snapshot(const quorum::SnapshotId& id, Bytes content) {
  if (!is_sure_ || !judged_.insert(id).second) return;
  const auto image = image_of(content);
  if (!image) return violated(id.file_name() + " is not whole");
  if (id.end_offset == Offset{0}) {  // says who votes first, and nothing else (KIP-853)
    if (image->hash() != metadata::Replay().image().hash()) violated(id.file_name() + " holds what no log has held");
    return;
  }
  const auto expected = truth_->find({id.end_offset, id.epoch});
  if (expected == truth_->end()) return violated("no flushed batch ends where " + id.file_name() + " does");
  if (image->hash() != expected->second.image().hash()) violated(id.file_name() + " does not hold what the log held");
}

void MetadataFold::saw_log_start(Offset start, const std::optional<quorum::SnapshotId>& newest) {
  if (!is_sure_ || start == Offset{0}) return;
  if (!newest || newest->end_offset < start) {
    return violated("the metadata log begins at " + std::to_string(start.value()) + " and " +
                    (newest ? "the newest durable snapshot is " + newest->file_name() : "no snapshot is durable"));
  }
  if (start <= end()) return;
  // It begins anew behind a snapshot of what it never held.
  const End behind{newest->end_offset, newest->epoch};
  if (newest->end_offset != start || !truth_->contains(behind)) return forget();
  path_.push_back(behind);
}

void MetadataFold::saw_cut(Offset end) {
  const auto cut = [&] {
    while (!path_.empty() && path_.back().first > end) path_.pop_back();
  };
  cut();
  if (path_.empty() && !former_.empty()) {
    path_ = std::exchange(former_, {});
    cut();
  }
}

void MetadataFold::saw_beginning_anew() {
  if (!path_.empty()) former_ = std::exchange(path_, {});
}

void MetadataFold::saw_empty_disk() {
  path_.clear();
  former_.clear();
  judged_.clear();
}

}  // namespace gregor::properties

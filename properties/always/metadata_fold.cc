#include "properties/always/metadata_fold.h"

#include <string>

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
  const Offset folded = replay_.image().offset();
  if (!is_sure_ || batch.last_offset() <= folded) return;
  record::CodecScratch scratch;
  const auto values = quorum::values_of(batch, scratch);
  const bool is_next = batch.base_offset() == folded + 1;
  if (!is_next || !values || !replay_.apply_batch(*values, batch.last_offset(), batch.leader_epoch())) {
    violated("the metadata batch at " + std::to_string(batch.base_offset().value()) + " does not follow offset " +
             std::to_string(folded.value()));
    return forget();
  }
  hashes_[batch.next_offset()] = replay_.image().hash();
}

void MetadataFold::saw_snapshot(const quorum::SnapshotId& id, Bytes content) {
  if (!is_sure_ || !judged_.insert(id).second) return;
  const auto image = image_of(content);
  if (!image) return violated(id.file_name() + " is not whole");
  const auto expected = hashes_.find(id.end_offset);
  if (expected == hashes_.end()) return violated("no flushed batch ends where " + id.file_name() + " does");
  if (image->hash() != expected->second) violated(id.file_name() + " does not hold what the log held");
}

void MetadataFold::saw_log_start(Offset start, const std::optional<quorum::SnapshotId>& newest) {
  if (!is_sure_ || start == Offset{0}) return;
  if (newest && newest->end_offset >= start) return;
  violated("the metadata log begins at " + std::to_string(start.value()) + " and " +
           (newest ? "the newest durable snapshot is " + newest->file_name() : "no snapshot is durable"));
}

}  // namespace gregor::properties

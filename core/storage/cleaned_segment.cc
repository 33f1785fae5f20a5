#include "storage/cleaned_segment.h"

#include "base/mutant.h"
#include "record/batch_view.h"
#include "storage/segment_swap.h"

namespace gregor::storage {
namespace {

/// Written at once.
constexpr std::size_t kWriteBytes = 256 << 10;

}  // namespace

CleanedSegment::CleanedSegment(SegmentFiles& files, Offset base_offset, std::int64_t interval_bytes)
    : files_(&files), interval_bytes_(interval_bytes), index_(std::make_shared<SegmentIndex>(base_offset)) {}

Result<CleanedSegment> CleanedSegment::create(env::Fiber& self, SegmentFiles& files, Offset base_offset,
                                              std::int64_t index_interval_bytes) {
  CleanedSegment segment(files, base_offset, index_interval_bytes);
  const auto path = staged_path(files, base_offset, FileKind::log, FileStage::cleaned);
  TRY_ASSIGN(segment.log_file_, files.disk().open(self, path, env::OpenMode::create));
  TRY(segment.log_file_->truncate(self, FilePosition{0}));
  return segment;
}

Result<void> CleanedSegment::append(env::Fiber& self, Bytes bytes) {
  TRY_ASSIGN(const auto batch, record::BatchView::parse(bytes));
  const FilePosition position{size_bytes_};
  index_->add({batch.last_offset(), batch.max_timestamp().ms, position, batch.size()}, interval_bytes_);
  append_bytes(waiting_, batch.bytes());
  size_bytes_ += batch.size();
  return waiting_.size() < kWriteBytes ? Result<void>{} : write_out(self);
}

Result<void> CleanedSegment::write_out(env::Fiber& self) {
  if (waiting_.empty()) return {};
  TRY(env::write_all(self, *log_file_, FilePosition{size_bytes_ - waiting_.size()}, Bytes(waiting_)));
  waiting_.clear();
  return {};
}

Result<void> CleanedSegment::write_beside(env::Fiber& self, FileKind kind, Bytes content) {
  const auto path = staged_path(*files_, base_offset(), kind, FileStage::cleaned);
  TRY_ASSIGN(const auto file, files_->disk().open(self, path, env::OpenMode::create));
  TRY(file->truncate(self, FilePosition{content.size()}));
  if (!content.empty()) TRY(env::write_all(self, *file, FilePosition{0}, content));
  return file->fdatasync(self);
}

Result<void> CleanedSegment::finish(env::Fiber& self, const std::vector<AbortedTransaction>& aborted) {
  TRY(write_out(self));
  waiting_ = ByteBuffer();
  if (!MUTANT(cleaned_segment_not_flushed)) TRY(log_file_->fdatasync(self));
  index_->seal();
  TRY(write_beside(self, FileKind::offset_index, index_->encode_offsets()));
  TRY(write_beside(self, FileKind::time_index, index_->encode_times()));
  ByteBuffer transactions;
  for (const auto& transaction : aborted) append_aborted_transaction(transactions, transaction);
  aborted_bytes_ = transactions.size();
  return aborted_bytes_ > 0 ? write_beside(self, FileKind::transaction_index, transactions) : Result<void>{};
}

}  // namespace gregor::storage

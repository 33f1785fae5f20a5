#include "metadata/replay.h"

#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "metadata/image_difference.h"
#include "wire/metadata_records.h"
#include "wire/record_frame.h"

namespace gregor::metadata {

Result<void> Replay::apply_one(Bytes value) {
  wire::Reader reader(value);
  TRY_ASSIGN(const wire::RecordFrame frame, wire::decode_record_frame(reader));
  switch (frame.type) {
    case wire::BeginTransactionRecord::kRecordType:
      if (before_transaction_) return fail(Errc::corrupt, "BeginTransactionRecord inside a transaction");
      before_transaction_ = Before{image_, delta_};
      return {};
    case wire::EndTransactionRecord::kRecordType:
      if (!before_transaction_) return fail(Errc::corrupt, "EndTransactionRecord outside of a transaction");
      before_transaction_.reset();
      return {};
    case wire::AbortTransactionRecord::kRecordType:
      if (!before_transaction_) return fail(Errc::corrupt, "AbortTransactionRecord outside of a transaction");
      image_ = std::move(before_transaction_->image);
      delta_ = std::move(before_transaction_->delta);
      before_transaction_.reset();
      return {};
    default:
      return image_.apply(value, delta_);
  }
}

Result<void> Replay::apply_batch(std::span<const ByteBuffer> values, Offset last, LeaderEpoch epoch) {
  for (const ByteBuffer& value : values) {
    auto applied = apply_one(value);
    if (!applied && !MUTANT(apply_error_is_ignored)) return applied;
  }
  skip_batch(last, epoch);
  return {};
}

Result<void> Replay::load_snapshot(std::span<const ByteBuffer> values, Offset last, LeaderEpoch epoch) {
  CHECK(last > image_.offset() && epoch >= image_.epoch());
  Image whole;
  Delta unused;
  for (const ByteBuffer& value : values) TRY(whole.apply(value, unused));
  whole.advance(last, epoch);
  before_transaction_.reset();
  image_ = std::move(whole);
  delta_ = difference_of(shown_, image_);
  return {};
}

void Replay::skip_batch(Offset last, LeaderEpoch epoch) {
  image_.advance(last, epoch);
}

std::optional<Replay::Change> Replay::take_change() {
  if (in_transaction() || image_.offset() == shown_.offset()) return std::nullopt;
  shown_ = image_;
  return Change{std::make_shared<const Image>(image_), std::make_shared<const Delta>(std::exchange(delta_, Delta{}))};
}

}  // namespace gregor::metadata

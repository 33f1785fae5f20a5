// Replay: folds committed batches into images, whole batches and whole transactions at a time.
// A metadata transaction (KIP-868: BeginTransaction ... EndTransaction or AbortTransaction) may span batches; nothing
// of it is seen before its end, and nothing of an aborted one ever. Pure.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "metadata/image.h"

namespace gregor::metadata {

class Replay {
 public:
  /// Applies the record values of one committed batch, in order; the last one has offset `last`. Errors: as
  /// Image::apply(), and corrupt for transactions that begin twice or end without a beginning; the replay is over then:
  /// who goes on without a record has another truth than the log (KAFKA-14275).
  Result<void> apply_batch(std::span<const ByteBuffer> values, Offset last, LeaderEpoch epoch);
  /// The record values of a snapshot of everything up to `last` replace all that was applied, an open transaction too.
  /// The next change leads from the image that was shown last to this one: its delta names what differs. Requires
  /// that `last` is beyond what was applied. Errors: as apply_batch().
  Result<void> load_snapshot(std::span<const ByteBuffer> values, Offset last, LeaderEpoch epoch);
  /// A batch without metadata records (a control batch): only the position moves.
  void skip_batch(Offset last, LeaderEpoch epoch);

  struct Change {
    std::shared_ptr<const Image> image;
    std::shared_ptr<const Delta> delta;
  };
  /// What was completed since the last call; none where nothing was, not even an offset. The delta may be empty.
  std::optional<Change> take_change();

  /// With all that was applied, an open transaction's part too: decisions are never made while one is open.
  [[nodiscard]] const Image& image() const { return image_; }
  [[nodiscard]] bool in_transaction() const { return before_transaction_.has_value(); }

 private:
  Result<void> apply_one(Bytes value);

  Image image_;
  Delta delta_;
  struct Before {
    Image image;
    Delta delta;
  };
  std::optional<Before> before_transaction_;
  Image shown_;  ///< with the last change
};

}  // namespace gregor::metadata

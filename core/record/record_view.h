// RecordView: one record of a batch, read in place; and the walk over all of a batch's records.
// Every length is checked against the record it stands in: malformed bytes are an error, never a read beyond them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "record/batch_view.h"
#include "record/codec.h"

namespace gregor::record {

struct HeaderView {
  std::string_view key;
  std::optional<Bytes> value;  ///< none is null, which differs from empty
};

/// A record's headers, already checked, decoded as one walks.
class HeaderRange {
 public:
  HeaderRange() = default;
  HeaderRange(Bytes encoded, std::uint32_t count) : encoded_(encoded), count_(count) {}
  [[nodiscard]] std::uint32_t size() const { return count_; }

  class Iterator {
   public:
    Iterator(Bytes rest, std::uint32_t left) : rest_(rest), left_(left) {}
    HeaderView operator*() const;
    Iterator& operator++();
    bool operator!=(const Iterator& other) const { return left_ != other.left_; }

   private:
    Bytes rest_;
    std::uint32_t left_;
  };
  [[nodiscard]] Iterator begin() const { return {encoded_, count_}; }
  [[nodiscard]] Iterator end() const { return {{}, 0}; }

 private:
  Bytes encoded_;
  std::uint32_t count_ = 0;
};

struct RecordView {
  std::int8_t attributes = 0;  ///< unused so far
  std::int32_t offset_delta = 0;
  Offset offset;
  WallTime timestamp;              ///< the batch's maximum where it says LogAppendTime; -1 where there is none
  Sequence sequence{kNoSequence};  ///< -1 where the batch is not idempotent
  std::optional<Bytes> key;        ///< none is null
  std::optional<Bytes> value;      ///< none is null: a tombstone
  HeaderRange headers;
  std::size_t size = 0;  ///< encoded, its length prefix included
};

/// Walks over the plain bytes of a batch's records. Borrows both.
class RecordIterator {
 public:
  /// `plain` is what the batch's records decompress to (batch.record_bytes() itself where the codec is none).
  RecordIterator(const BatchView& batch, Bytes plain) : batch_(batch), rest_(plain), left_(batch.record_count()) {}

  /// None after as many records as the header counts. Errors: malformed, when a record does not parse, the bytes end
  /// before the count does, or bytes are left over.
  Result<std::optional<RecordView>> next();

 private:
  BatchView batch_;
  Bytes rest_;
  std::int32_t left_;
};

/// The plain bytes of a batch's records: borrowed from the batch where the codec is none, else owned.
class PlainRecords {
 public:
  /// Errors: unsupported (unknown codec), malformed, limit.
  static Result<PlainRecords> of(const BatchView& batch, CodecScratch& scratch,
                                 std::size_t bytes_max = kDecompressedBytesMax);
  [[nodiscard]] Bytes bytes() const { return borrowed_.data() != nullptr ? borrowed_ : Bytes(owned_); }

 private:
  Bytes borrowed_;
  ByteBuffer owned_;
};

/// Control records (KIP-98, KIP-595, KIP-630, KIP-853): the type in the key. None when the key is not one of a control
/// record.
enum class ControlType : std::int16_t {
  abort = 0,
  commit = 1,
  leader_change = 2,
  snapshot_header = 3,
  snapshot_footer = 4,
  kraft_version = 5,
  kraft_voters = 6
};
std::optional<ControlType> control_type_of(const RecordView& record);
/// Coordinator epoch in the value of an end-of-transaction marker. Errors: malformed.
Result<std::int32_t> coordinator_epoch_of(const RecordView& marker);

}  // namespace gregor::record

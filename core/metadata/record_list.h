// RecordList: the records that a decision wants written, encoded as the metadata log holds them, in order. What fits
// one batch is committed together or not at all; quorum::Node::append() splits what is longer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "wire/record_frame.h"

namespace gregor::metadata {

/// Kafka's bound on one metadata batch, bytes.
inline constexpr std::size_t kMetadataBatchBytesMax = 8 << 20;
/// Of a record around its value, in a batch.
inline constexpr std::size_t kRecordOverheadBytesMax = 32;

class RecordList {
 public:
  /// Requires that `record` can be written at `version`.
  template <class Record>
  void add(const Record& record, std::int16_t version) {
    auto value = wire::encode_framed(record, version);
    CHECK(value.has_value());
    bytes_ += value->size();
    values_.push_back(std::move(*value));
  }
  /// A value as a metadata log held it.
  void add_encoded(ByteBuffer value) {
    bytes_ += value.size();
    values_.push_back(std::move(value));
  }
  void append(RecordList more) {
    bytes_ += more.bytes_;
    for (ByteBuffer& value : more.values_) values_.push_back(std::move(value));
  }
  [[nodiscard]] const std::vector<ByteBuffer>& values() const { return values_; }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  /// What they take of a batch, at most.
  [[nodiscard]] std::size_t bytes() const { return bytes_ + values_.size() * kRecordOverheadBytesMax; }

 private:
  std::vector<ByteBuffer> values_;
  std::size_t bytes_ = 0;
};

}  // namespace gregor::metadata

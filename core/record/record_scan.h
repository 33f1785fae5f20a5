// Reads of each record in a batch only what the broker's checks need: timestamp, offset delta, whether there is a key.
// Works on a stream of pieces, so that a compressed batch is looked at without ever being whole in memory.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "record/codec.h"

namespace gregor::record {

struct ScannedRecord {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  bool has_key = false;
};

class RecordScan {
 public:
  RecordScan(CodecScratch& scratch, Codec codec, Bytes compressed, std::size_t bytes_max)
      : pieces_(scratch, codec, compressed, bytes_max) {}

  /// The next record. Errors: malformed (also when nothing is left), limit.
  Result<ScannedRecord> next();
  /// Errors: malformed when plain bytes are left, or the compressed ones go on in a way that the codec forbids.
  Result<void> finish();

 private:
  bool refill();
  bool byte(std::uint8_t& value);
  bool skip(std::int64_t count);
  bool varint(std::int32_t& value);
  bool varlong(std::int64_t& value);
  template <class Int>
  bool groups(Int& value, int bytes_max);
  /// A length and its bytes, passed over. `length` tells null (negative) from empty.
  bool nullable(std::int32_t& length);
  bool headers();
  bool fields(ScannedRecord& record);
  [[nodiscard]] tl::unexpected<Error> failure();

  Decompressor pieces_;
  Bytes piece_;
  std::int64_t left_in_record_ = 0;
  Error error_{Errc::malformed, "", 0};
};

}  // namespace gregor::record

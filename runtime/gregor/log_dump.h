// What stands in a log's files, as lines: in the layout of Kafka's own dump tool, as JSON, or one comparable line a
// record. Damage is shown, never hidden: a batch that does not parse or whose CRC is wrong is printed as such and
// counted.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "record/codec.h"

namespace gregor::program {

enum class DumpStyle : std::uint8_t {
  kafka,       ///< lines of Kafka's dump tool
  json,        ///< one object a batch, records inside where asked for
  comparable,  ///< names.h, comparable_line(): the records alone, without control batches
};

struct DumpOptions {
  DumpStyle style = DumpStyle::kafka;
  bool records = false;  ///< style kafka and json: records too
};

/// Counts over everything dumped so far.
struct DumpTotals {
  std::int64_t batches = 0;
  std::int64_t records = 0;  ///< control records left out
  std::int64_t damaged = 0;  ///< batches that are torn, wrong or unreadable
};

class LogDump {
 public:
  LogDump(std::ostream& out, DumpOptions options) : out_(out), options_(options) {}

  /// A .log (or metadata .checkpoint) file. After a batch whose length cannot be trusted the rest is one line that says
  /// so. Zeros at the end are a preallocated file's and no damage.
  void batches(Bytes content);
  /// A .index, .timeindex, .txnindex, .snapshot: its entries. Errors: malformed, corrupt, unsupported.
  void offset_index(Offset base_offset, Bytes content);
  void time_index(Offset base_offset, Bytes content);
  Result<void> transaction_index(Bytes content);
  Result<void> producer_snapshot(Bytes content);

  [[nodiscard]] const DumpTotals& totals() const { return totals_; }

 private:
  /// Bytes of the batch at the start of `rest`; 0 where the rest cannot be read on.
  std::size_t batch(Bytes rest, std::size_t position);
  void damage(std::size_t position, std::string_view what);

  std::ostream& out_;
  DumpOptions options_;
  DumpTotals totals_;
  record::CodecScratch scratch_;
};

}  // namespace gregor::program

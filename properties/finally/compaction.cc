// What readers of compacted topics saw, held against what was written.
#include <map>
#include <string>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

using WritesByValue = std::map<ValueId, const KeyedWrite*>;

std::string name_of(const KeyedRead& read, const KeyedRead::Record& record) {
  return "the record of " + record.key + " at offset " + std::to_string(record.offset.value()) + " of " +
         to_text(read.partition);
}

void judge_record(const WritesByValue& writes, const KeyedRead& read, const KeyedRead::Record& record,
                  Verdict& verdict) {
  const auto found = writes.find(record.value);
  if (found == writes.end() || found->second->partition != read.partition || found->second->key != record.key) {
    verdict.violated("S4", name_of(read, record) + " was never written so", read.at);
    return;
  }
  const KeyedWrite& write = *found->second;
  if (write.offset == kNoOffset || write.offset == record.offset) return;
  verdict.violated("S5", name_of(read, record) + " was acknowledged at " + std::to_string(write.offset.value()),
                   read.at);
}

}  // namespace

void compacted_logs_keep_last_values(const History& history, Verdict& verdict) {
  WritesByValue writes;
  for (const KeyedWrite& write : history.keyed_writes) writes[write.value] = &write;
  for (const KeyedRead& read : history.keyed_reads) {
    std::map<std::string, Offset> last;
    Offset before = kNoOffset;
    for (const auto& record : read.records) {
      judge_record(writes, read, record, verdict);
      if (record.offset <= before) verdict.violated("S5", name_of(read, record) + " came out of order", read.at);
      before = record.offset;
      last[record.key] = record.offset;
    }
    if (read.begun < history.fresh_from) continue;
    for (const KeyedWrite& write : history.keyed_writes) {
      const bool is_owed =
          write.partition == read.partition && write.offset != kNoOffset && write.acknowledged <= read.begun;
      if (!is_owed) continue;
      const auto seen = last.find(write.key);
      if (seen != last.end() && seen->second >= write.offset) continue;
      verdict.violated("S5",
                       write.key + " of " + to_text(read.partition) + " was written at " +
                           std::to_string(write.offset.value()) + ", and a reader found neither that nor a newer one",
                       read.at);
      return;
    }
  }
}

}  // namespace gregor::properties

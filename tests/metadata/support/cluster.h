// Small clusters for tests: an image made by records, as a log would make it, and the fold of what a decision wrote.
#pragma once

#include <string>
#include <vector>

#include "metadata/brokers.h"
#include "metadata/create_topics.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/metadata_version.h"
#include "metadata/replay.h"

namespace gregor::metadata {

inline const std::string kTestCluster = "4L6g3nShT-eMCtK--X86sw";

/// A replay whose next record gets the next offset, one batch a call.
class TestLog {
 public:
  /// Features finalized, `brokers` registered under ids 1.. and unfenced.
  explicit TestLog(int brokers = 1);

  Delta write(const RecordList& records);
  template <class Record>
  Delta write_one(const Record& record, std::int16_t version) {
    RecordList records;
    records.add(record, version);
    return write(records);
  }
  BrokerEpoch register_broker(NodeId id, std::uint64_t incarnation, bool unfenced = true);
  CreatedTopic create(const NewTopic& topic);

  [[nodiscard]] const Image& image() const { return replay_.image(); }
  [[nodiscard]] Offset next_offset() const { return next_; }
  Replay& replay() { return replay_; }
  RandomStream random{42};
  TopicDefaults defaults;
  ElectionRules rules;  ///< what topics' own settings are laid over

 private:
  Replay replay_;
  Offset next_{0};
};

}  // namespace gregor::metadata

// Images made by hand, as a controller's records would make them, for tests that run none.
#pragma once

#include <string>
#include <vector>

#include "controller/image_feed.h"
#include "metadata/metadata_version.h"
#include "metadata/record_list.h"
#include "metadata/replay.h"

namespace gregor::broker::test {

/// A partition's state; its in-sync replicas are all of them.
struct Placed {
  NodeId leader{1};
  LeaderEpoch leader_epoch{0};
  std::vector<NodeId> replicas = {NodeId{1}};
};

class ImageMaker {
 public:
  TopicId add_topic(const std::string& name, const std::vector<Placed>& partitions);
  void remove_topic(const std::string& name);
  /// The leader's epoch rises by one.
  void change(const std::string& name, std::int32_t partition, NodeId leader, const std::vector<NodeId>& replicas);
  void configure(const std::string& topic, const std::string& key, const std::string& value);
  /// Registered with one PLAINTEXT listener.
  void add_broker(NodeId id, const std::string& host, std::uint16_t port, bool is_fenced = false);
  /// Its controlled shutdown begins.
  void begin_shutdown(NodeId id);
  /// What was made since the last call, as one change.
  void show(controller::ImageFeed& feed);
  [[nodiscard]] const metadata::Image& image() const { return replay_.image(); }

 private:
  template <class Record>
  void write(const Record& record, std::int16_t version) {
    metadata::RecordList records;
    records.add(record, version);
    apply(records);
  }
  void apply(const metadata::RecordList& records);

  metadata::Replay replay_;
  std::int64_t next_offset_ = 0;
  std::uint64_t next_topic_ = 1;
};

}  // namespace gregor::broker::test

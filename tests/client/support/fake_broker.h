// A broker small enough to be right at a glance: one node, logs in memory that outlive its crashes, and the faults a
// test asks for. It judges batches as Kafka does where a client can see it: CRC, sequences within a window of five,
// duplicates.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "env/shard.h"
#include "record/record_view.h"
#include "wire/error_code.h"
#include "wire/frame.h"
#include "wire/produce.h"

namespace gregor::client::test {

inline constexpr std::uint16_t kPort = 9092;

/// What happens to one produce request.
struct ProduceFault {
  enum Kind {
    none,
    vanish_before,  ///< the connection ends, nothing was stored
    vanish_after,   ///< it is stored, then the connection ends without an answer
    refuse,         ///< answered with `code`, nothing stored
    swallow,        ///< never answered, nothing stored
  } kind = none;
  wire::ErrorCode code = wire::ErrorCode::none;
};

class FakeBroker {
 public:
  struct Stored {
    Offset base;
    Offset next;       ///< behind its last record
    ByteBuffer bytes;  ///< which a test may damage
  };
  struct Log {
    std::vector<Stored> batches;
    Offset start{0};
    Offset end{0};
    struct Window {
      ProducerEpoch epoch;
      std::deque<std::tuple<Sequence, Sequence, Offset>> batches;
    };
    std::map<ProducerId, Window> producers;
  };

  void add_topic(const std::string& name, std::int32_t partition_count);
  [[nodiscard]] Log& log(const std::string& topic, std::int32_t partition) {
    return topics_.at(topic).logs.at(static_cast<std::size_t>(partition));
  }
  /// Values in the log, in order.
  [[nodiscard]] std::vector<std::string> values(const std::string& topic, std::int32_t partition);
  /// The node's body: serves until it is cancelled.
  void run(env::Fiber& self, env::Shard& shard);

  /// Asked before each produce request.
  std::function<ProduceFault()> next_fault = [] { return ProduceFault{}; };
  bool creates_topics = false;       ///< on Metadata that allows it
  bool loses_create_answer = false;  ///< once: the topic is made, the connection ends
  bool loses_delete_answer = false;  ///< the same of a deletion
  bool swallows_creates = false;     ///< CreateTopics is never answered, nothing is made
  /// Answers given, front first, instead of doing what was asked.
  std::deque<wire::ErrorCode> create_refusals;
  std::deque<wire::ErrorCode> list_offsets_refusals;
  std::deque<wire::ErrorCode> fetch_refusals;
  std::deque<wire::ErrorCode> init_refusals;
  int leaderless_answers = 0;  ///< so many Metadata answers name no leader
  int metadata_asked = 0;
  int produce_asked = 0;
  int accepted = 0;  ///< connections
  /// What each Produce brought, in order of arrival.
  struct Arrived {
    ProducerId producer_id;
    Sequence base_sequence;
    std::int32_t record_count;
    std::int16_t acks;
    MonotonicTime when;
    bool operator==(const Arrived&) const = default;
  };
  std::vector<Arrived> arrived;
  std::int16_t fetch_version_max = 18;

 private:
  struct Topic {
    TopicId id;
    std::vector<Log> logs;
  };
  struct Request {
    wire::RequestHeader header;
    wire::Reader body;
  };
  void serve(env::Fiber& self, env::Shard& shard, std::unique_ptr<env::Socket> socket);
  /// None: end the connection.
  std::optional<ByteBuffer> answer(env::Fiber& self, env::Shard& shard, Request& request);
  std::optional<ByteBuffer> api_versions(Request& request);
  std::optional<ByteBuffer> metadata(Request& request);
  std::optional<ByteBuffer> produce(env::Fiber& self, env::Shard& shard, Request& request);
  std::optional<ByteBuffer> fetch(env::Fiber& self, env::Shard& shard, Request& request);
  std::optional<ByteBuffer> list_offsets(Request& request);
  std::optional<ByteBuffer> create_topics(env::Fiber& self, env::Shard& shard, Request& request);
  std::optional<ByteBuffer> delete_topics(Request& request);
  wire::ErrorCode append(Log& log, Bytes records, Offset& base);
  void note(const wire::ProduceRequest& asked, MonotonicTime when);
  Topic* topic_by(std::string_view name, TopicId id);

  std::map<std::string, Topic, std::less<>> topics_;
  std::int64_t next_producer_id_ = 1000;
  std::uint64_t next_topic_id_ = 1;
};

}  // namespace gregor::client::test

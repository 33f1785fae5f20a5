// A reader of librdkafka's that notes all it is shown of a topic which acked_producer fills, as a history that `gregor
// judge` reads (runtime/gregor/history_file.h).
//
//   history_reader BOOTSTRAP TOPIC PARTITIONS FILE live    from the beginning until SIGTERM, as client 2: "read" lines
//   history_reader BOOTSTRAP TOPIC PARTITIONS FILE final   from the beginning to the end: "final" and "log_start" lines
//
// A record "P N padding" is value N * PARTITIONS + P, wherever it is found; one of another form is told on standard
// error and ends the program. Reads what is uncommitted too. Exit 0: noted; 1: the client met an error that is no
// passing one, or the end was not reached in five minutes; 2: usage, or the file cannot be written.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

namespace {

volatile std::sig_atomic_t stop_asked = 0;
constexpr int kStepMs = 100;
constexpr int kWatermarkMs = 30'000;
constexpr std::int64_t kFinalPatienceUs = 300'000'000;

struct Plan {
  std::string bootstrap;
  std::string topic;
  std::int32_t partitions = 0;
  bool is_final = false;
};

class Notes {
 public:
  explicit Notes(const char* path) : file_(std::fopen(path, "w")) {
    if (file_ != nullptr) std::fprintf(file_, "{\"gregor_history\": 1}\n");
  }
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  [[nodiscard]] std::size_t lines() const { return lines_; }

  void record(const Plan& plan, const rd_kafka_message_t& message, std::int64_t value, std::int64_t at_us) {
    std::fprintf(file_, "{\"%s\": %" PRId64 "%s", plan.is_final ? "final" : "read", value,
                 plan.is_final ? "" : ", \"client\": 2");
    place(plan, message.partition);
    std::fprintf(file_, ", \"offset\": %" PRId64 ", \"at_us\": %" PRId64 "}\n", message.offset, at_us);
  }
  void log_start(const Plan& plan, std::int32_t partition, std::int64_t offset) {
    std::fprintf(file_, "{\"log_start\": %" PRId64, offset);
    place(plan, partition);
    std::fprintf(file_, "}\n");
  }
  /// False where something of it was not written.
  bool end() {
    std::fprintf(file_, "{\"end\": %zu}\n", lines_);
    return std::fclose(file_) == 0;
  }

 private:
  void place(const Plan& plan, std::int32_t partition) {
    std::fprintf(file_, ", \"topic\": \"%s\", \"partition\": %" PRId32, plan.topic.c_str(), partition);
    ++lines_;
  }
  std::FILE* file_;
  std::size_t lines_ = 0;
};

std::int64_t now_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

rd_kafka_t* make_consumer(const Plan& plan) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", plan.bootstrap.c_str()},
                                                          {"group.id", "history_reader"},
                                                          {"enable.auto.commit", "false"},
                                                          {"enable.partition.eof", "true"},
                                                          {"check.crcs", "true"},
                                                          {"isolation.level", "read_uncommitted"},
                                                          {"socket.timeout.ms", "5000"},
                                                          {"auto.offset.reset", "error"},
                                                          {"reconnect.backoff.ms", "20"},
                                                          {"reconnect.backoff.max.ms", "200"},
                                                          {"log_level", "2"}};
  char why[512];
  for (const auto& [key, value] : settings) {
    if (rd_kafka_conf_set(conf, key, value, why, sizeof why) == RD_KAFKA_CONF_OK) continue;
    std::fprintf(stderr, "%s\n", why);
    std::exit(2);
  }
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  if (consumer == nullptr) {
    std::fprintf(stderr, "%s\n", why);
    std::exit(2);
  }
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(plan.partitions);
  for (std::int32_t p = 0; p < plan.partitions; ++p)
    rd_kafka_topic_partition_list_add(all, plan.topic.c_str(), p)->offset =
        plan.is_final ? RD_KAFKA_OFFSET_BEGINNING : 0;
  rd_kafka_assign(consumer, all);
  rd_kafka_topic_partition_list_destroy(all);
  return consumer;
}

/// The record's value; -1 where it is none of acked_producer's.
std::int64_t value_of(const Plan& plan, const rd_kafka_message_t& message) {
  const std::string text(static_cast<const char*>(message.payload), message.payload == nullptr ? 0 : message.len);
  long long partition = -1;
  long long number = -1;
  if (std::sscanf(text.c_str(), "%lld %lld", &partition, &number) != 2) return -1;
  if (partition < 0 || partition >= plan.partitions || number < 0) return -1;
  return number * plan.partitions + partition;
}

/// False at an error that does not pass by itself.
bool is_passing(const rd_kafka_message_t& message) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:  // the producer's first record makes it
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      return true;
    default:
      return false;
  }
}

bool note_log_starts(const Plan& plan, rd_kafka_t* consumer, Notes& notes) {
  for (std::int32_t p = 0; p < plan.partitions; ++p) {
    std::int64_t low = -1;
    std::int64_t high = -1;
    const auto error = rd_kafka_query_watermark_offsets(consumer, plan.topic.c_str(), p, &low, &high, kWatermarkMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::fprintf(stderr, "partition %" PRId32 ": %s\n", p, rd_kafka_err2str(error));
      return false;
    }
    if (low > 0) notes.log_start(plan, p, low);
  }
  return true;
}

/// True when SIGTERM came, or all partitions' ends were seen where those are asked for.
bool read_all(const Plan& plan, rd_kafka_t* consumer, Notes& notes) {
  std::int32_t ends = 0;
  const std::int64_t begun = now_us();
  while (!stop_asked && (!plan.is_final || ends < plan.partitions)) {
    if (plan.is_final && now_us() - begun > kFinalPatienceUs) {
      std::fprintf(stderr, "the end of %" PRId32 " partitions was not reached in five minutes\n",
                   plan.partitions - ends);
      return false;
    }
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, kStepMs);
    if (message == nullptr) continue;
    bool is_right = true;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::int64_t value = value_of(plan, *message);
      is_right = value >= 0;
      if (is_right)
        notes.record(plan, *message, value, now_us());
      else
        std::fprintf(stderr, "partition %" PRId32 " offset %" PRId64 " holds a strange record\n", message->partition,
                     message->offset);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ++ends;
    } else if (!is_passing(*message)) {
      std::fprintf(stderr, "partition %" PRId32 ": %s\n", message->partition, rd_kafka_message_errstr(message));
      is_right = false;
    }
    rd_kafka_message_destroy(message);
    if (!is_right) return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string mode = count == 6 ? arguments[5] : "";
  if (mode != "live" && mode != "final") {
    std::fprintf(stderr, "usage: history_reader BOOTSTRAP TOPIC PARTITIONS FILE live|final\n");
    return 2;
  }
  const Plan plan{arguments[1], arguments[2], static_cast<std::int32_t>(std::strtol(arguments[3], nullptr, 10)),
                  mode == "final"};
  Notes notes(arguments[4]);
  if (!notes.is_open()) return 2;
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  rd_kafka_t* consumer = make_consumer(plan);
  const bool is_noted = (!plan.is_final || note_log_starts(plan, consumer, notes)) && read_all(plan, consumer, notes);
  std::printf("%zu lines\n", notes.lines());
  return notes.end() && is_noted ? 0 : 1;
}

// An idempotent producer of librdkafka's that keeps book: every value that it sends names its partition and its place
// there, and every acknowledgement goes to a file. Beside kill_loop.sh, which kills the broker under it.
//
//   acked_producer BOOTSTRAP TOPIC PARTITIONS RECORDS_PER_SECOND BOOK
//
// ACKED_PRODUCER_TIMES=FILE: a line "MICROSECONDS PARTITION" (monotonic clock) there for each acknowledgement, as it is
// heard. ACKED_PRODUCER_CLIENT=usual: librdkafka's own defaults beside idempotence, in place of short backoffs and
// small batches. ACKED_PRODUCER_HISTORY=FILE: at the end, what became of every record goes there as a history that
// `gregor judge` reads (runtime/gregor/history_file.h), client 1; record N of partition P carries value N * PARTITIONS
// + P.
//
// Runs until SIGTERM, then waits up to two minutes for what is under way. A line of BOOK: "PARTITION VALUE OFFSET", as
// the delivery report told (offset -1: acknowledged without one). The last line of output: "sent N acknowledged N
// failed N". Exit 0: every record was acknowledged; 1: some failed; 2: usage; 3: the producer met a fatal error and
// says which.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_asked = 0;
constexpr int kPaddingBytesMax = 300;
constexpr int kStepMs = 2;
constexpr int kLastWaitMs = 120'000;

struct Sent {
  std::int64_t invoked_us = 0;
  std::int64_t completed_us = 0;
  const char* outcome = "unknown";
  std::int64_t offset = -1;
};

struct Book {
  std::FILE* file = nullptr;
  std::FILE* times = nullptr;
  std::int64_t acknowledged = 0;
  std::int64_t failed = 0;
  std::vector<std::vector<Sent>> sent;  ///< by partition, in the order sent
};

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count();
}

/// What the client says of a record: an error alone does not tell whether it was stored.
const char* outcome_of(const rd_kafka_message_t* message) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return "acknowledged";
  return rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? "refused" : "unknown";
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& book = *static_cast<Book*>(opaque);
  const auto value = reinterpret_cast<std::intptr_t>(message->_private);
  Sent& sent = book.sent[static_cast<std::size_t>(message->partition)][static_cast<std::size_t>(value)];
  sent.completed_us = now_us();
  sent.outcome = outcome_of(message);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (book.failed++ < 20) std::printf("failed: %s\n", rd_kafka_err2str(message->err));
    return;
  }
  ++book.acknowledged;
  sent.offset = message->offset;
  if (book.times != nullptr)
    std::fprintf(book.times, "%" PRId64 " %" PRId32 "\n", sent.completed_us, message->partition);
  std::fprintf(book.file, "%" PRId32 " %" PRIdPTR " %" PRId64 "\n", message->partition, value, message->offset);
}

rd_kafka_t* make_producer(const std::string& bootstrap, Book& book) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                          {"enable.idempotence", "true"},
                                                          {"linger.ms", "3"},
                                                          {"batch.num.messages", "200"},
                                                          {"compression.codec", "lz4"},
                                                          {"message.timeout.ms", "0"},
                                                          {"socket.timeout.ms", "5000"},
                                                          {"reconnect.backoff.ms", "20"},
                                                          {"reconnect.backoff.max.ms", "100"},
                                                          {"retry.backoff.ms", "20"},
                                                          {"log_level", "2"}};
  const char* client = std::getenv("ACKED_PRODUCER_CLIENT");
  const bool is_usual = client != nullptr && std::string(client) == "usual";
  char why[512];
  for (const auto& [key, value] : settings) {
    const std::string name = key;
    if (is_usual && name != "bootstrap.servers" && name != "enable.idempotence" && name != "message.timeout.ms" &&
        name != "log_level") {
      continue;
    }
    if (rd_kafka_conf_set(conf, key, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
      std::fprintf(stderr, "%s\n", why);
      std::exit(2);
    }
  }
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, &book);
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (producer == nullptr) {
    std::fprintf(stderr, "%s\n", why);
    std::exit(2);
  }
  return producer;
}

/// False when the client's own queue is full: the value is sent next time.
bool send(rd_kafka_t* producer, const char* topic, std::int32_t partition, std::int64_t value) {
  const auto padding = static_cast<std::size_t>(value * 7919 % kPaddingBytesMax);
  const std::string text = std::to_string(partition) + " " + std::to_string(value) + " " + std::string(padding, 'x');
  return rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                           RD_KAFKA_V_VALUE(const_cast<char*>(text.data()), text.size()),
                           RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                           RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(static_cast<std::intptr_t>(value))),
                           RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/// False where the file cannot be written.
bool write_history(const char* path, const char* topic, const Book& book, std::int64_t ended_us) {
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return false;
  std::fprintf(file, "{\"gregor_history\": 1}\n");
  std::size_t lines = 0;
  for (std::size_t partition = 0; partition < book.sent.size(); ++partition) {
    for (std::size_t number = 0; number < book.sent[partition].size(); ++number, ++lines) {
      const Sent& sent = book.sent[partition][number];
      std::fprintf(
          file,
          "{\"sent\": %zu, \"client\": 1, \"topic\": \"%s\", \"partition\": %zu, \"acks\": -1, \"idempotent\": true, "
          "\"invoked_us\": %" PRId64 ", \"completed_us\": %" PRId64 ", \"outcome\": \"%s\", \"offset\": %" PRId64 "}\n",
          number * book.sent.size() + partition, topic, partition, sent.invoked_us,
          sent.completed_us == 0 ? ended_us : sent.completed_us, sent.outcome, sent.offset);
    }
  }
  std::fprintf(file, "{\"end\": %zu}\n", lines);
  return std::fclose(file) == 0;
}

bool is_fatal(rd_kafka_t* producer) {
  char why[512];
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(producer, why, sizeof why);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  std::printf("fatal: %s: %s\n", rd_kafka_err2name(error), why);
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fprintf(stderr, "usage: acked_producer BOOTSTRAP TOPIC PARTITIONS RECORDS_PER_SECOND BOOK\n");
    return 2;
  }
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  const std::int64_t per_second = std::strtoll(arguments[4], nullptr, 10);
  Book book;
  book.file = std::fopen(arguments[5], "w");
  book.sent.resize(std::strtoul(arguments[3], nullptr, 10));
  if (book.file == nullptr || book.sent.empty()) return 2;
  const char* times = std::getenv("ACKED_PRODUCER_TIMES");
  if (times != nullptr && (book.times = std::fopen(times, "w")) == nullptr) return 2;
  rd_kafka_t* producer = make_producer(arguments[1], book);

  std::int64_t sent = 0;
  const Clock::time_point began = Clock::now();
  while (!stop_asked && !is_fatal(producer)) {
    const auto past = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count();
    while (sent < past * per_second / 1000) {
      const auto partition = static_cast<std::size_t>(sent) % book.sent.size();
      auto& of_partition = book.sent[partition];
      const auto value = static_cast<std::int64_t>(of_partition.size());
      of_partition.push_back({.invoked_us = now_us()});
      if (!send(producer, arguments[2], static_cast<std::int32_t>(partition), value)) {
        of_partition.pop_back();
        break;
      }
      ++sent;
    }
    rd_kafka_poll(producer, kStepMs);
    std::fflush(book.file);
    if (book.times != nullptr) std::fflush(book.times);
  }
  if (!is_fatal(producer)) rd_kafka_flush(producer, kLastWaitMs);
  const bool fatal = is_fatal(producer);
  std::fclose(book.file);
  const char* history = std::getenv("ACKED_PRODUCER_HISTORY");
  if (history != nullptr && !write_history(history, arguments[2], book, now_us())) {
    std::fprintf(stderr, "cannot write %s\n", history);
    return 2;
  }
  std::printf("sent %" PRId64 " acknowledged %" PRId64 " failed %" PRId64 "\n", sent, book.acknowledged, book.failed);
  if (fatal) return 3;
  return book.acknowledged == sent ? 0 : 1;
}

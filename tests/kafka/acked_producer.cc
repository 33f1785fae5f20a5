// An idempotent producer of librdkafka's that keeps book: every value that it sends names its partition and its place
// there, and every acknowledgement goes to a file. Beside kill_loop.sh, which kills the broker under it.
//
//   acked_producer BOOTSTRAP TOPIC PARTITIONS RECORDS_PER_SECOND BOOK
//
// ACKED_PRODUCER_TIMES=FILE: a line "MICROSECONDS PARTITION" (monotonic clock) there for each acknowledgement, as it is
// heard. ACKED_PRODUCER_CLIENT=usual: librdkafka's own defaults beside idempotence, in place of short backoffs and
// small batches.
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

struct Book {
  std::FILE* file = nullptr;
  std::FILE* times = nullptr;
  std::int64_t acknowledged = 0;
  std::int64_t failed = 0;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& book = *static_cast<Book*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (book.failed++ < 20) std::printf("failed: %s\n", rd_kafka_err2str(message->err));
    return;
  }
  ++book.acknowledged;
  const auto value = reinterpret_cast<std::intptr_t>(message->_private);
  if (book.times != nullptr) {
    const auto since_start = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
    std::fprintf(book.times, "%lld %" PRId32 "\n", static_cast<long long>(since_start.count()), message->partition);
  }
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
  std::vector<std::int64_t> next(std::strtoul(arguments[3], nullptr, 10), 0);
  const std::int64_t per_second = std::strtoll(arguments[4], nullptr, 10);
  Book book{.file = std::fopen(arguments[5], "w")};
  if (book.file == nullptr || next.empty()) return 2;
  const char* times = std::getenv("ACKED_PRODUCER_TIMES");
  if (times != nullptr && (book.times = std::fopen(times, "w")) == nullptr) return 2;
  rd_kafka_t* producer = make_producer(arguments[1], book);

  std::int64_t sent = 0;
  const Clock::time_point began = Clock::now();
  while (!stop_asked && !is_fatal(producer)) {
    const auto past = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count();
    while (sent < past * per_second / 1000) {
      const auto partition = static_cast<std::size_t>(sent) % next.size();
      if (!send(producer, arguments[2], static_cast<std::int32_t>(partition), next[partition])) break;
      ++next[partition];
      ++sent;
    }
    rd_kafka_poll(producer, kStepMs);
    std::fflush(book.file);
    if (book.times != nullptr) std::fflush(book.times);
  }
  if (!is_fatal(producer)) rd_kafka_flush(producer, kLastWaitMs);
  const bool fatal = is_fatal(producer);
  std::fclose(book.file);
  std::printf("sent %" PRId64 " acknowledged %" PRId64 " failed %" PRId64 "\n", sent, book.acknowledged, book.failed);
  if (fatal) return 3;
  return book.acknowledged == sent ? 0 : 1;
}

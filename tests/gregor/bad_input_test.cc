// Strangers: what a broker on the open network is sent. Kafka's own answer where there is one; else the connection ends
// with one log line; others are served meanwhile and memory stays bounded. Method: the built program, a socket that
// sends anything, and another client beside it whose produce must succeed all along.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "base/random.h"
#include "record/batch_builder.h"
#include "tests/gregor/support/program.h"
#include "tests/gregor/support/raw_client.h"
#include "wire/api_versions.h"
#include "wire/create_topics.h"
#include "wire/error_code.h"
#include "wire/fetch.h"
#include "wire/metadata.h"
#include "wire/produce.h"
#include "wire/registry.h"

namespace gregor::program {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using wire::ErrorCode;

constexpr std::int16_t kProduceVersion = 9;
/// Where a sanitizer counts along, memory tells nothing.
constexpr bool kMemoryCounts = GREGOR_SANITIZED == 0;

std::int16_t code(ErrorCode error) {
  return wire::wire_code(error);
}

ByteBuffer bytes_from_hex(const std::string& hex) {
  ByteBuffer bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

ByteBuffer good_batch() {
  record::BatchBuilder builder(record::BatchSettings{});
  builder.add(WallTime{1000}, std::nullopt, bytes_of("hello"));
  record::CodecScratch scratch;
  return builder.encode(scratch).value();
}

/// The size in kB of a line of /proc/PID/status.
std::size_t memory_kib(pid_t process, const std::string& line_name) {
  std::ifstream in("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(line_name + ":")) return std::stoul(line.substr(line_name.size() + 1));
  }
  return 0;
}

/// A request with its header; `body` is anything.
ByteBuffer request_frame(std::int16_t key, std::int16_t version, Bytes body) {
  ByteBuffer content(10);
  store_big_endian<std::int16_t>(content.data(), key);
  store_big_endian<std::int16_t>(content.data() + 2, version);
  store_big_endian<std::int32_t>(content.data() + 4, 77);
  store_big_endian<std::int16_t>(content.data() + 8, -1);  // no client id
  const wire::ApiRow* api = wire::find_api(key);
  if (api != nullptr && wire::request_header_version(static_cast<wire::ApiKey>(key), version) >= 2) {
    content.push_back(std::byte{0});  // no tags
  }
  append_bytes(content, body);
  return framed(content);
}

class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    broker_ = std::make_unique<Program>(std::vector<std::string>{"broker", "--data-dir", (folder_ / "data").string(),
                                                                 "--set", "listeners=PLAINTEXT://127.0.0.1:0"});
    const std::string ready = broker_->read_line();
    const auto at = ready.find(" port=");
    ASSERT_NE(at, std::string::npos) << ready << broker_->errors();
    port_ = static_cast<std::uint16_t>(std::atoi(ready.c_str() + at + 6));
    other_ = std::make_unique<RawClient>(port_);
    create(*other_, "other");
  }
  void TearDown() override {
    if (broker_) end_broker();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  static void create(RawClient& client, const std::string& topic,
                     const std::vector<std::pair<std::string, std::string>>& configs = {}) {
    wire::CreateTopicsRequest request{.timeout_ms = 10'000};
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.num_partitions = 1;
    asked.replication_factor = 1;
    for (const auto& [key, set] : configs) asked.configs.push_back({.name = key, .value = set});
    const auto created = client.ask<wire::CreateTopicsResponse>(request, 7);
    ASSERT_TRUE(created);
    ASSERT_EQ(created->topics.at(0).error_code, 0) << topic;
  }
  /// The error of a produce to partition 0; none where nothing came back.
  static std::optional<std::int16_t> produce(RawClient& client, const std::string& topic, Bytes batch,
                                             std::int16_t version = kProduceVersion) {
    wire::ProduceRequest request{.acks = -1, .timeout_ms = 10'000};
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    data.partition_data.push_back({.index = 0, .records = batch});
    const auto answer = client.ask<wire::ProduceResponse>(request, version);
    if (!answer) return std::nullopt;
    return answer->responses.at(0).partition_responses.at(0).error_code;
  }
  /// The other client's turn. How long it took.
  Clock::duration serve_other() {
    const auto began = Clock::now();
    EXPECT_EQ(produce(*other_, "other", good_batch_), 0) << "the other client is not served";
    return Clock::now() - began;
  }
  /// Sends these bytes on a connection of their own, which must end.
  void expect_ended(Bytes bytes) {
    RawClient stranger(port_);
    ASSERT_TRUE(stranger.is_open());
    (void)stranger.send(bytes);
    EXPECT_TRUE(stranger.is_ended());
  }
  /// Ends the broker cleanly; its log lines that hold `part`.
  std::vector<std::string> lines_with(const std::string& part) {
    end_broker();
    std::vector<std::string> found;
    std::istringstream lines(errors_);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(part) != std::string::npos) found.push_back(line);
    }
    return found;
  }
  void end_broker() {
    other_.reset();
    broker_->signal(SIGTERM);
    EXPECT_EQ(broker_->wait(), 0) << broker_->errors();
    errors_ = broker_->errors();
    broker_.reset();
  }
  [[nodiscard]] std::size_t peak_kib() const { return memory_kib(broker_->pid(), "VmHWM"); }

  const fs::path folder_ = fs::path(GREGOR_BUILD_DIR) / "bad_input_test";
  const ByteBuffer good_batch_ = good_batch();
  std::unique_ptr<Program> broker_;
  std::unique_ptr<RawClient> other_;
  std::uint16_t port_ = 0;
  std::string errors_;
};

TEST_F(BadInput, RandomBytesEndTheirConnection) {
  RandomStream random(1);
  for (int stranger = 0; stranger < 15; ++stranger) {
    ByteBuffer bytes(4 + random.below(3000));
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    bytes[0] = std::byte{0x7f};  // as a size: beyond any limit
    expect_ended(bytes);
  }
  serve_other();
  EXPECT_EQ(lines_with("connection.closed").size(), 15U) << "one line each\n" << errors_;
}

TEST_F(BadInput, SizesBelowZeroAndAboveTheLimitAreRefusedBeforeAnythingIsKept) {
  const std::size_t before = peak_kib();
  for (const std::int32_t size : {-1, INT32_MIN, INT32_MAX, 104'857'601}) expect_ended(framed(size, {}));
  serve_other();
  if (kMemoryCounts) {
    EXPECT_LT(peak_kib(), before + 4096);
  }
  EXPECT_EQ(lines_with("connection.closed").size(), 4U) << errors_;
  EXPECT_NE(errors_.find("socket.request.max.bytes"), std::string::npos) << errors_;
}

TEST_F(BadInput, AClaimedSizeCostsOnlyTheBytesThatCame) {
  const std::size_t before = memory_kib(broker_->pid(), "VmRSS");
  std::vector<RawClient> strangers;
  for (int i = 0; i < 100; ++i) {
    strangers.emplace_back(port_);
    ASSERT_TRUE(strangers.back().send(framed(100 << 20, bytes_of("ten bytes."))));
  }
  serve_other();
  if (kMemoryCounts) {
    EXPECT_LT(memory_kib(broker_->pid(), "VmRSS"), before + 8192) << "10 GB were claimed";
  }
}

TEST_F(BadInput, ApisAndVersionsThatAreNotServedEndTheConnectionAndApiVersionsIsAnswered) {
  const std::vector<std::pair<std::int16_t, std::int16_t>> unserved{{999, 0}, {-1, 0}, {INT16_MAX, 3}, {4, 7}, {0, 2},
                                                                    {0, 99},  {3, -1}, {1, 3},         {71, 0}};
  for (const auto& [key, version] : unserved) expect_ended(request_frame(key, version, {}));
  RawClient newer(port_);
  ASSERT_TRUE(newer.send(request_frame(18, 99, {})));
  const auto reply = newer.receive();
  ASSERT_TRUE(reply) << "KIP-511: answered at version 0";
  ASSERT_GE(reply->size(), 6U);
  EXPECT_EQ(load_big_endian<std::int32_t>(reply->data()), 77);
  EXPECT_EQ(load_big_endian<std::int16_t>(reply->data() + 4), code(ErrorCode::unsupported_version));
  serve_other();
  EXPECT_EQ(lines_with("connection.closed").size(), unserved.size()) << errors_;
}

TEST_F(BadInput, TruncatedFramesAndBodiesEndTheirConnection) {
  const ByteBuffer whole = request_frame(3, 9, bytes_of("not a body at all"));
  for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{12}, whole.size() - 1}) {
    RawClient stranger(port_);
    ASSERT_TRUE(stranger.send(Bytes(whole).first(size)));
    EXPECT_FALSE(stranger.is_ended(20ms)) << "the rest may still come";
    stranger.finish();
    EXPECT_TRUE(stranger.is_ended());
  }
  for (const std::size_t size : {0U, 1U, 3U, 7U}) expect_ended(framed(Bytes(whole).subspan(4, size)));
  for (const std::int16_t key : {0, 1, 2, 3, 19, 20, 22}) expect_ended(request_frame(key, 5, {}));
  serve_other();
  EXPECT_EQ(lines_with("connection.closed").size(), 11U) << "not of those that went away themselves\n" << errors_;
}

TEST_F(BadInput, CountsAndLengthsBeyondTheFrameEndTheConnection) {
  const ByteBuffer many = bytes_from_hex("7fffffff");
  const ByteBuffer many_compact = bytes_from_hex("ffffffff0f");
  const ByteBuffer too_long = bytes_from_hex("ffffffffffffffffffff01");
  const std::size_t before = peak_kib();
  expect_ended(request_frame(3, 1, many));
  expect_ended(request_frame(3, 9, many_compact));
  expect_ended(request_frame(3, 9, too_long));
  expect_ended(request_frame(3, 1, bytes_from_hex("00000001fff0")));        // a name of negative length
  expect_ended(request_frame(3, 1, bytes_from_hex("000000017fff41")));      // a name beyond the frame
  expect_ended(request_frame(3, 9, bytes_from_hex("01000000ffffffff0f")));  // four billion tags
  expect_ended(request_frame(0, 3, bytes_from_hex("ffffffff000000007fffffff")));
  expect_ended(request_frame(0, 9, bytes_from_hex("00ffff00000000ffffffff0f")));
  serve_other();
  if (kMemoryCounts) {
    EXPECT_LT(peak_kib(), before + 8192);
  }
  EXPECT_EQ(lines_with("connection.closed").size(), 8U) << errors_;
}

// What an array costs is a small multiple of the frame that it came in.
TEST_F(BadInput, HugeArraysThatFitTheirFrameAreAnsweredOrRefusedInBoundedMemory) {
  constexpr std::size_t kElements = 1'000'000;
  ByteBuffer names(4 + 2 * kElements);  // Metadata: empty names
  store_big_endian<std::int32_t>(names.data(), kElements);
  // Produce: no transactional id, acks 1, a second; one topic "other" with many partitions 0 without records.
  ByteBuffer partitions = bytes_from_hex(
      "ffff"
      "0001"
      "000003e8"
      "00000001"
      "00056f74686572"
      "000f4240");
  partitions.resize(partitions.size() + 8 * kElements, std::byte{0xff});
  const std::size_t before = peak_kib();
  for (const auto& [key, version, body] :
       {std::tuple<std::int16_t, std::int16_t, Bytes>{3, 1, names}, {0, 3, partitions}}) {
    RawClient stranger(port_);
    ASSERT_TRUE(stranger.send(request_frame(key, version, body)));
    const auto answer = stranger.receive();
    std::printf("API %d, an array of 1000000 in %.1f MB: %s of %zu bytes, peak RSS +%zu MiB\n", key,
                static_cast<double>(body.size()) / 1e6, answer ? "answer" : "refusal", answer ? answer->size() : 0,
                (peak_kib() - before) / 1024);
    serve_other();
  }
  if (kMemoryCounts) {
    EXPECT_LT(peak_kib(), before + (200U << 10));
  }
}

// Method: random requests of every served API and version, with bytes changed, left out and put in.
TEST_F(BadInput, DamagedRequestsAreAnsweredOrRefusedAndHurtNobody) {
  RandomStream random(11);
  int sent = 0;
  for (const wire::MessageRow& row : wire::all_messages()) {
    if (row.kind != wire::MessageKind::request || row.number > 75) continue;
    for (int draw = 0; draw < 12; ++draw) {
      const auto version = static_cast<std::int16_t>(random.between(row.version_min, row.version_max));
      auto body = row.draw(version, random);
      ASSERT_TRUE(body);
      for (std::uint64_t change = random.below(4); change > 0 && !body->empty(); --change) {
        const std::size_t at = random.below(body->size());
        (*body)[at] = static_cast<std::byte>(random.below(256));
        if (random.chance(1, 4)) body->resize(at);
      }
      RawClient stranger(port_);
      (void)stranger.send(request_frame(row.number, version, *body));
      stranger.finish();
      EXPECT_TRUE(stranger.is_ended()) << row.name << " " << version;
      ++sent;
    }
    serve_other();
  }
  EXPECT_GT(sent, 500);
}

std::optional<std::vector<nlohmann::json>> bad_batches() {
  const char* folder = std::getenv("GREGOR_VECTORS");
  std::ifstream in((folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/vectors") +
                   std::string("/bad-batches.jsonl"));
  if (!in) return std::nullopt;
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

/// Codes that are right: Kafka's, and a better one where Kafka stumbles over an exception of its own or takes what
/// cannot be read back.
std::set<std::int16_t> right_answers(const nlohmann::json& line) {
  const auto kafkas = line["code"].get<std::int16_t>();
  const std::string name = line["name"];
  std::set<std::int16_t> right{kafkas};
  const bool unreadable = kafkas == 0 && !line["reading"]["iterate"].is_null();
  if (kafkas == code(ErrorCode::unknown_server_error) || unreadable) {
    right = {code(ErrorCode::corrupt_message), code(ErrorCode::invalid_record)};
    if (unreadable) right.insert(kafkas);
  }
  if (name.starts_with("transactional-") || name == "control-batch-from-a-client") {
    right = {code(ErrorCode::transactional_id_authorization_failed)};
  }
  return right;
}

TEST_F(BadInput, BadBatchesGetKafkasAnswerAndTheConnectionGoesOn) {
  const auto lines = bad_batches();
  if (!lines) GTEST_SKIP() << "no ../shared/vectors here (GREGOR_VECTORS names another place)";
  RawClient stranger(port_);
  int number = 0;
  for (const nlohmann::json& line : *lines) {
    const std::string topic = "topic-" + std::to_string(number++);
    std::int16_t version = kProduceVersion;
    std::vector<std::pair<std::string, std::string>> configs;
    const auto settings = line.value("settings", nlohmann::json::object());
    for (const auto& [key, set] : settings.items()) {
      if (key == "produceVersion") {
        version = static_cast<std::int16_t>(std::stoi(set.get<std::string>()));
      } else {
        configs.emplace_back(key, set.get<std::string>());
      }
    }
    create(stranger, topic, configs);
    const auto answered = produce(stranger, topic, bytes_from_hex(line["hex"]), version);
    ASSERT_TRUE(answered) << line["name"] << ": no answer";
    EXPECT_TRUE(right_answers(line).contains(*answered)) << line["name"] << ": " << *answered;
  }
  serve_other();
  std::printf("bad-batches.jsonl: %d cases\n", number);
}

TEST_F(BadInput, SlowSendersAreServedInTheirOwnTimeAndOthersInTheirs) {
  const ByteBuffer frame = request_frame(18, 0, {});
  std::vector<RawClient> slow;
  for (int i = 0; i < 50; ++i) slow.emplace_back(port_);
  for (const std::byte& byte : frame) {
    for (RawClient& client : slow) ASSERT_TRUE(client.send({&byte, 1}));
    EXPECT_LT(serve_other(), 1s);
  }
  for (RawClient& client : slow) EXPECT_TRUE(client.receive());
}

TEST_F(BadInput, FetchesWhoseClientsWentAwayCostNothing) {
  const auto abandon = [&] {
    RawClient stranger(port_);
    wire::FetchRequest request{.max_wait_ms = INT32_MAX, .min_bytes = INT32_MAX, .max_bytes = INT32_MAX};
    auto& topic = request.topics.emplace_back();
    topic.topic = "other";
    topic.partitions.push_back({.partition = 0, .fetch_offset = 0, .partition_max_bytes = 1 << 20});
    const auto frame = wire::encode_request_frame({.request_api_version = 11, .client_id = "gone"}, request);
    EXPECT_TRUE(stranger.send(*frame));
    stranger.finish();
    EXPECT_TRUE(stranger.is_ended());
  };
  for (int i = 0; i < 200; ++i) abandon();
  const std::size_t before = memory_kib(broker_->pid(), "VmRSS");
  for (int i = 0; i < 2000; ++i) abandon();
  serve_other();
  if (kMemoryCounts) {
    EXPECT_LT(memory_kib(broker_->pid(), "VmRSS"), before + 4096) << "2000 fetches would wait for 24 days";
  }
}

TEST_F(BadInput, AFloodOfStrangersIsAFewLinesAndANumber) {
  constexpr int kStrangers = 2000;
  const auto began = Clock::now();
  for (int i = 0; i < kStrangers; ++i) {
    RawClient stranger(port_);
    ASSERT_TRUE(stranger.is_open());
    (void)stranger.send(framed(-1, {}));
    if (i % 50 == 0) serve_other();
    EXPECT_TRUE(stranger.is_ended());
  }
  std::this_thread::sleep_for(1100ms);  // the last second's number is told when it is over
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began).count() + 1;
  const auto shards = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  const auto told = static_cast<int>(lines_with("connection.closed").size());
  EXPECT_LE(told, 20 * seconds * std::max<std::int64_t>(shards, 1));
  int withheld = 0;
  std::istringstream lines(errors_);
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("log.lines_withheld lines=");
    if (at != std::string::npos) withheld += std::atoi(line.c_str() + at + 25);
  }
  EXPECT_EQ(told + withheld, kStrangers);
}

/// As many descriptors as this process may have; the broker inherits it.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

class ManyConnections : public BadInput {
 protected:
  void SetUp() override {
    descriptors_ = raise_descriptor_limit();
    BadInput::SetUp();
  }
  /// Strangers that connect and say nothing, half a size, or half a frame.
  void connect_strangers(std::size_t count) {
    const ByteBuffer half_frame = framed(1000, bytes_of("ten bytes."));
    for (std::size_t i = 0; i < count; ++i) {
      RawClient& stranger = strangers_.emplace_back(port_);
      if (!stranger.is_open()) return;
      if (i % 3 == 1) (void)stranger.send(Bytes(half_frame).first(3));
      if (i % 3 == 2) (void)stranger.send(half_frame);
    }
  }
  static double median_ms(std::vector<Clock::duration> taken) {
    std::sort(taken.begin(), taken.end());
    return std::chrono::duration<double, std::milli>(taken.at(taken.size() / 2)).count();
  }
  static double worst_ms(const std::vector<Clock::duration>& taken) {
    return std::chrono::duration<double, std::milli>(*std::max_element(taken.begin(), taken.end())).count();
  }
  std::size_t descriptors_ = 0;
  std::vector<RawClient> strangers_;
};

TEST_F(ManyConnections, TenThousandHalfOpenOnesAreHeldWhileOthersAreServed) {
  const std::size_t count = std::min<std::size_t>(10'000, descriptors_ > 500 ? descriptors_ - 400 : 100);
  strangers_.reserve(count);
  std::vector<Clock::duration> alone;
  for (int i = 0; i < 300; ++i) alone.push_back(serve_other());
  const std::size_t before = memory_kib(broker_->pid(), "VmRSS");
  std::vector<Clock::duration> meanwhile;
  std::atomic<bool> all_came = false;
  std::thread crowd([&] {
    connect_strangers(count);
    all_came = true;
  });
  while (!all_came) meanwhile.push_back(serve_other());
  crowd.join();
  ASSERT_EQ(strangers_.size(), count);
  EXPECT_TRUE(strangers_.back().is_open());
  std::vector<Clock::duration> beside;
  for (int i = 0; i < 300; ++i) beside.push_back(serve_other());
  EXPECT_FALSE(strangers_.front().is_ended(1ms)) << "they are held";
  EXPECT_FALSE(strangers_.back().is_ended(1ms));
  std::printf(
      "%zu half-open connections: RSS %.1f MiB before, peak %.1f MiB; produce median (worst) alone %.2f (%.1f) "
      "ms, while they come %.2f (%.1f) ms, beside them %.2f (%.1f) ms\n",
      count, static_cast<double>(before) / 1024, static_cast<double>(peak_kib()) / 1024, median_ms(alone),
      worst_ms(alone), median_ms(meanwhile), worst_ms(meanwhile), median_ms(beside), worst_ms(beside));
  if (kMemoryCounts) {
    EXPECT_LT(peak_kib() - before, 8 * count) << "kB: beyond 8 KiB each";
  }
  strangers_.clear();
  EXPECT_LT(serve_other(), 5s);
  EXPECT_TRUE(lines_with("connection.closed").empty()) << "who goes away is no news";
}

}  // namespace
}  // namespace gregor::program

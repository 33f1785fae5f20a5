// kcat, a librdkafka client that nobody here wrote, against the built broker: what it lists, sends and reads back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>

#include "tests/gregor/support/program.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;

constexpr int kRecords = 2000;

class Kcat : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v kcat >/dev/null 2>&1") != 0) GTEST_SKIP() << "kcat is not installed";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    broker_ = std::make_unique<Program>(std::vector<std::string>{"broker", "--data-dir", (folder_ / "data").string(),
                                                                 "--set", "listeners=PLAINTEXT://127.0.0.1:0", "--set",
                                                                 "num.partitions=3"});
    std::smatch port;
    const std::string ready = broker_->read_line();
    ASSERT_TRUE(std::regex_search(ready, port, std::regex(" port=([0-9]+)"))) << ready << broker_->errors();
    bootstrap_ = "127.0.0.1:" + port[1].str();
  }
  void TearDown() override {
    if (!broker_) return;
    broker_->signal(SIGTERM);
    EXPECT_EQ(broker_->wait(), 0) << broker_->errors();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  /// What kcat prints; its standard input is `input`. The test fails when kcat does.
  std::string kcat(const std::string& arguments, const std::string& input = "") {
    const std::string from = (folder_ / "input").string();
    std::ofstream(from, std::ios::binary) << input;
    const std::string waiting = arguments.starts_with("-C") ? " -X fetch.wait.max.ms=10 " : " ";  // at the log's end
    const std::string command = "timeout 30 kcat -q -b " + bootstrap_ + waiting + arguments + " <" + from + " 2>&1";
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    char part[4096];
    for (std::size_t got = 0; (got = fread(part, 1, sizeof part, pipe)) > 0;) output.append(part, got);
    const int status = pclose(pipe);
    EXPECT_EQ(WEXITSTATUS(status), 0) << command << ": " << output.substr(0, 500);
    return output;
  }

  const fs::path folder_ = fs::path(GREGOR_BUILD_DIR) / "kcat_test";
  std::unique_ptr<Program> broker_;
  std::string bootstrap_;
};

/// "KEY:VALUE" lines, values of uneven length, some empty, more than ASCII in them.
std::string lines_with_keys(int partition) {
  std::string lines;
  for (int i = 0; i < kRecords; ++i) {
    lines += "key-" + std::to_string(i % 97) + ":";
    if (i % 100 != 99)
      lines += std::to_string(partition) + "|" + std::to_string(i) + "|caf\303\251" + std::string(i % 61, 'x');
    lines += "\n";
  }
  return lines;
}

TEST_F(Kcat, ListsTheBrokerAndATopicThatItMade) {
  const std::string listed = kcat("-L -t listed");
  EXPECT_NE(listed.find("1 brokers:"), std::string::npos) << listed;
  EXPECT_NE(listed.find("at " + bootstrap_), std::string::npos) << listed;
  EXPECT_NE(kcat("-L -t listed").find("topic \"listed\" with 3 partitions"), std::string::npos);
}

TEST_F(Kcat, ReadsBackWhatItSentWithEachCodecByPartition) {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    for (int partition = 0; partition < 3; ++partition) {
      const std::string at = "-t " + codec + " -p " + std::to_string(partition) + " ";
      const std::string sent = lines_with_keys(partition);
      kcat("-P -K : -X acks=all -X linger.ms=5 -z " + codec + " " + at, sent);
      EXPECT_EQ(kcat("-C -K : -e -o beginning " + at), sent) << codec;
    }
    // librdkafka compresses only where it believes that the broker can.
    const Ended dump = run_program({"log", "dump", (folder_ / "data" / (codec + "-0")).string()});
    EXPECT_NE(dump.output.find("compresscodec: " + codec), std::string::npos) << dump.output.substr(0, 1000);
  }
}

TEST_F(Kcat, ReadsFromAnyOffsetOn) {
  kcat("-P -K : -t from -p 2", lines_with_keys(2));
  EXPECT_EQ(kcat("-C -t from -p 2 -f '%o\\n' -c 2 -o 1998"), "1998\n1999\n");
  EXPECT_EQ(kcat("-C -t from -p 2 -f '%o\\n' -e -o -3"), "1997\n1998\n1999\n");
}

TEST_F(Kcat, HeadersKeysNullsAndTimestampsCome) {
  kcat("-P -t h -p 1 -H first=1 -H second=two -k a-key", "with headers\n");
  kcat("-P -t h -p 1 -Z -K :", "no-value:\n");
  const std::string read = kcat("-C -t h -p 1 -e -o beginning -f '%o|%k|%s|%S|%h|%T\\n'");
  std::smatch parts;
  ASSERT_TRUE(std::regex_match(
      read, parts,
      std::regex(
          "0\\|a-key\\|with headers\\|12\\|first=1,second=two\\|([0-9]{13})\n1\\|no-value\\|\\|-1\\|\\|([0-9]{13})\n")))
      << read;
  // The first offset at or after a time; past the last record there is none.
  EXPECT_NE(kcat("-Q -t h:1:" + parts[1].str()).find("h [1] offset 0"), std::string::npos);
  EXPECT_NE(kcat("-Q -t h:1:" + std::to_string(std::stoll(parts[2]) + 1)).find("offset -1"), std::string::npos);
  EXPECT_NE(kcat("-Q -t h:1:-1").find("h [1] offset 2"), std::string::npos);
  EXPECT_NE(kcat("-Q -t h:1:-2").find("h [1] offset 0"), std::string::npos);
}

}  // namespace
}  // namespace gregor::program

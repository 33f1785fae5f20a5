// A dump says of real logs what Kafka's own tool says of them, and shows damage where there is some.
// Method: the logs that a Kafka wrote, unpacked from the folder named by GREGOR_KAFKA_FILES (../shared/kafka-files by
// default), dumped in process and compared with the output of Kafka's dump tool and with the hashes that its consumers
// computed.
#include "runtime/gregor/log_dump.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runtime/gregor/mapped_file.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;

fs::path kafka_files() {
  const char* folder = std::getenv("GREGOR_KAFKA_FILES");
  return folder != nullptr ? fs::path(folder) : fs::path(GREGOR_SOURCE_DIR) / ".." / "shared" / "kafka-files";
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string sha256(const std::string& text) {
  unsigned char digest[32];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

/// One case, unpacked for the life of the object.
class UnpackedCase {
 public:
  explicit UnpackedCase(const std::string& name) : folder_(fs::path(GREGOR_BUILD_DIR) / "kafka-files" / name) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    const fs::path archive = kafka_files() / name / "data.tar.zst";
    const std::string command = "tar -C '" + folder_.string() + "' -xf '" + archive.string() + "' --zstd";
    good_ = std::system(command.c_str()) == 0;
    expected_ = good_ ? nlohmann::json::parse(read_text(kafka_files() / name / "expected.json")) : nlohmann::json();
  }
  ~UnpackedCase() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] const fs::path& folder() const { return folder_; }
  [[nodiscard]] const nlohmann::json& expected() const { return expected_; }

 private:
  fs::path folder_;
  bool good_ = false;
  nlohmann::json expected_;
};

std::vector<fs::path> segments_in(const fs::path& partition) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(partition)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Every record of a partition as comparable lines, from its log start on.
std::string comparable_text(const fs::path& partition, std::int64_t log_start, std::int64_t& damaged) {
  std::ostringstream all;
  LogDump dump(all, {.style = DumpStyle::comparable});
  for (const fs::path& file : segments_in(partition)) dump.batches(MappedFile::open(file.string())->bytes());
  damaged = dump.totals().damaged;
  std::string text;
  std::istringstream lines(all.str());
  for (std::string line; std::getline(lines, line);) {
    if (std::stoll(line) >= log_start) text += line + "\n";
  }
  return text;
}

fs::path partition_folder(const fs::path& data, const std::string& name) {
  for (const char* node : {"n1", "n1-b"}) {
    if (fs::exists(data / node / name)) return data / node / name;
  }
  return {};
}

struct Compared {
  int partitions = 0;
  int records = 0;
};

void compare_hashes(const UnpackedCase& unpacked, Compared& compared) {
  for (const auto& [topic, facts] : unpacked.expected()["wire"]["topics"].items()) {
    for (const auto& [index, partition] : facts["partitions"].items()) {
      if (!partition.contains("uncommitted")) continue;
      const std::string name = topic + "-" + index;
      SCOPED_TRACE(name);
      const fs::path folder = partition_folder(unpacked.folder() / "data", name);
      ASSERT_FALSE(folder.empty());
      std::int64_t damaged = 0;
      const std::string text = comparable_text(folder, partition["logStartOffset"].get<std::int64_t>(), damaged);
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), partition["uncommitted"]["count"].get<std::int64_t>());
      EXPECT_EQ(sha256(text), partition["uncommitted"]["sha256"].get<std::string>());
      ++compared.partitions;
      compared.records += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    }
  }
}

class KafkaLogs : public testing::TestWithParam<const char*> {};

TEST_P(KafkaLogs, EveryRecordReadsAsKafkasConsumersSawIt) {
  if (!fs::exists(kafka_files())) GTEST_SKIP() << "no logs of a Kafka are here: set GREGOR_KAFKA_FILES";
  const UnpackedCase unpacked(GetParam());
  ASSERT_TRUE(unpacked.good()) << "cannot unpack " << GetParam();
  Compared compared;
  compare_hashes(unpacked, compared);
  EXPECT_GT(compared.partitions, 0);
  std::cout << GetParam() << ": " << compared.partitions << " partitions, " << compared.records << " records\n";
}

INSTANTIATE_TEST_SUITE_P(Cases, KafkaLogs,
                         testing::Values("codecs", "transactions", "compacted", "groups", "crashed",
                                         "crashed-truncated", "crashed-corrupt", "jbod", "cluster3"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// The lines of Kafka's dump that say what we say; payloads that its decoders render are cut off.
std::string dump_with_names(const fs::path& data, const std::string& kafka_dump) {
  std::ostringstream ours;
  std::istringstream lines(kafka_dump);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Dumping ")) continue;
    const std::string name = line.substr(8);
    ours << line << "\n";
    LogDump dump(ours, {.style = DumpStyle::kafka, .records = true});
    const auto mapped = MappedFile::open((data / name).string());
    if (!mapped) continue;
    const Offset base(std::stoll(fs::path(name).stem().string()));
    const std::string extension = fs::path(name).extension();
    if (extension == ".log") ours << "Log starting offset: " << base.value() << "\n";
    if (extension == ".log") dump.batches(mapped->bytes());
    if (extension == ".index") dump.offset_index(base, mapped->bytes());
    if (extension == ".timeindex") dump.time_index(base, mapped->bytes());
  }
  return ours.str();
}

TEST(LogDump, SaysWhatKafkasToolSays) {
  if (!fs::exists(kafka_files())) GTEST_SKIP() << "no logs of a Kafka are here: set GREGOR_KAFKA_FILES";
  const UnpackedCase unpacked("codecs");
  ASSERT_TRUE(unpacked.good());
  for (const char* name :
       {"codec-none-0", "codec-gzip-0", "codec-snappy-0", "codec-lz4-0", "codec-zstd-0", "codec-none-0-indexes"}) {
    SCOPED_TRACE(name);
    const std::string theirs = read_text(kafka_files() / "codecs" / "dump" / (std::string(name) + ".txt"));
    ASSERT_FALSE(theirs.empty());
    EXPECT_TRUE(dump_with_names(unpacked.folder() / "data" / "n1", theirs) == theirs)
        << "the dump of " << name << " differs";
  }
}

std::string dumped(Bytes content, DumpOptions options, DumpTotals& totals) {
  std::ostringstream out;
  LogDump dump(out, options);
  dump.batches(content);
  totals = dump.totals();
  return out.str();
}

TEST(LogDump, ATornTailIsShownAndCounted) {
  const ByteBuffer torn(30, std::byte{1});
  DumpTotals totals;
  EXPECT_NE(dumped(torn, {}, totals).find("damage"), std::string::npos);
  EXPECT_EQ(totals.damaged, 1);
}

TEST(LogDump, ZerosOfAPreallocatedFileAreNoDamage) {
  const ByteBuffer zeros(4096, std::byte{0});
  DumpTotals totals;
  EXPECT_EQ(dumped(zeros, {}, totals), "");
  EXPECT_EQ(totals.damaged, 0);
}

TEST(LogDump, AWrongSnapshotIsAnError) {
  std::ostringstream out;
  LogDump dump(out, {});
  EXPECT_FALSE(dump.producer_snapshot(bytes_of("garbage")).has_value());
  EXPECT_FALSE(dump.transaction_index(bytes_of("garbage")).has_value());
}

}  // namespace
}  // namespace gregor::program

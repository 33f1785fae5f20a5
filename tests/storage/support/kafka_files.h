// The data directories that a real Kafka wrote (GREGOR_KAFKA_FILES, by default ../shared/kafka-files beside the source
// tree), unpacked once for the test program.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace gregor::storage {

inline const std::vector<std::string> kKafkaCases{"codecs",         "transactions", "compacted", "groups",
                                                  "jbod",           "cluster3",     "crashed",   "crashed-truncated",
                                                  "crashed-corrupt"};

struct KafkaCase {
  std::string name;
  std::filesystem::path files;  ///< holds n1, n2...
  nlohmann::json expected;
};

/// One partition folder of a case and what Kafka's own classes say of it.
struct KafkaPartition {
  std::string node;
  std::string name;  ///< of the folder
  std::filesystem::path path;
  nlohmann::json facts;
};

/// None where the files are not there: the test is to be skipped.
std::optional<KafkaCase> kafka_case(const std::string& name);

/// Of all nodes; `view` is "disk" or "diskAfterRecovery".
std::vector<KafkaPartition> partitions_of(const KafkaCase& found, const std::string& view = "disk");
/// As the topic was configured; Kafka's default where it was not.
std::int64_t topic_setting(const KafkaCase& found, const std::string& folder, const std::string& key,
                           std::int64_t otherwise);

ByteBuffer file_content(const std::filesystem::path& path);
/// Names in a directory, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory);

/// A test that runs on each case, or says that it could not.
class KafkaFiles : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    found_ = kafka_case(GetParam());
    if (!found_) GTEST_SKIP() << "no Kafka files beside the source tree (GREGOR_KAFKA_FILES names another place)";
  }
  std::optional<KafkaCase> found_;
};

/// For INSTANTIATE_TEST_SUITE_P.
std::string case_label(const testing::TestParamInfo<std::string>& row);

}  // namespace gregor::storage

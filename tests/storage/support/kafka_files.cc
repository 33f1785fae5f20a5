#include "tests/storage/support/kafka_files.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

namespace gregor::storage {
namespace {

std::filesystem::path kafka_files() {
  if (const char* given = std::getenv("GREGOR_KAFKA_FILES")) return given;
  return std::filesystem::path(GREGOR_SOURCE_DIR) / ".." / "shared" / "kafka-files";
}

/// Gone with the test program.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "gregor-kafka-files-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

std::optional<KafkaCase> kafka_case(const std::string& name) {
  static const ScratchFolder scratch;
  static std::map<std::string, KafkaCase> unpacked;
  if (const auto known = unpacked.find(name); known != unpacked.end()) return known->second;
  const auto source = kafka_files() / name;
  if (!std::filesystem::exists(source / "data.tar.zst") || scratch.path().empty()) return std::nullopt;
  KafkaCase found{.name = name, .files = scratch.path() / name / "data", .expected = {}};
  std::filesystem::create_directories(scratch.path() / name);
  const std::string command =
      "tar -xf '" + (source / "data.tar.zst").string() + "' --zstd -C '" + (scratch.path() / name).string() + "'";
  if (std::system(command.c_str()) != 0) return std::nullopt;
  std::ifstream in(source / "expected.json");
  found.expected = nlohmann::json::parse(in);
  return unpacked[name] = std::move(found);
}

std::vector<KafkaPartition> partitions_of(const KafkaCase& found, const std::string& view) {
  std::vector<KafkaPartition> partitions;
  for (const auto& [node, directory] : found.expected.at(view).items()) {
    for (const auto& [name, facts] : directory.at("partitions").items()) {
      partitions.push_back({node, name, found.files / node / name, facts});
    }
  }
  return partitions;
}

std::int64_t topic_setting(const KafkaCase& found, const std::string& folder, const std::string& key,
                           std::int64_t otherwise) {
  const auto& topics = found.expected.at("wire").at("topics");
  const auto topic = topics.find(folder.substr(0, folder.rfind('-')));
  if (topic == topics.end() || !topic->contains("configs")) return otherwise;
  const auto value = topic->at("configs").find(key);
  return value == topic->at("configs").end() ? otherwise : std::stoll(value->get<std::string>());
}

ByteBuffer file_content(const std::filesystem::path& path) {
  std::error_code absent;
  ByteBuffer content(std::filesystem::is_regular_file(path, absent) ? std::filesystem::file_size(path) : 0);
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
  return content;
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string case_label(const testing::TestParamInfo<std::string>& row) {
  std::string label = row.param;
  std::replace(label.begin(), label.end(), '-', '_');
  return label;
}

}  // namespace gregor::storage

#include "storage/partition_metadata.h"

#include "storage/text_fields.h"

namespace gregor::storage {
namespace {

constexpr std::size_t kPartitionFileBytesMax = 4096;
constexpr std::string_view kVersionKey = "version: ";
constexpr std::string_view kTopicIdKey = "topic_id: ";

std::string metadata_path_in(const std::string& folder) {
  return folder + "/" + std::string(kPartitionMetadataFile);
}

}  // namespace

ByteBuffer format_partition_metadata(const TopicId& topic_id) {
  const std::string text = std::string(kVersionKey) + "0\n" + std::string(kTopicIdKey) + topic_id.to_text();
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

Result<TopicId> parse_partition_metadata(Bytes content) {
  const auto lines = lines_of(text_of(content));
  if (lines.size() != 2 || !lines[0].starts_with(kVersionKey) || !lines[1].starts_with(kTopicIdKey)) {
    return fail(Errc::malformed, "not the two lines version and topic_id");
  }
  if (lines[0].substr(kVersionKey.size()) != "0") return fail(Errc::unsupported, "version is not 0");
  const auto id = Uuid::from_text(lines[1].substr(kTopicIdKey.size()));
  if (!id || id->is_zero()) return fail(Errc::malformed, "topic_id is not an id");
  return *id;
}

Result<TopicId> read_partition_metadata(env::Fiber& self, env::Disk& disk, const std::string& folder) {
  TRY_ASSIGN(const auto content, env::read_file(self, disk, metadata_path_in(folder), kPartitionFileBytesMax));
  auto id = parse_partition_metadata(content);
  if (!id) return fail(id.error().code, metadata_path_in(folder) + ": " + id.error().text);
  return id;
}

Result<void> write_partition_metadata(env::Fiber& self, env::Disk& disk, const std::string& folder,
                                      const TopicId& topic_id) {
  return env::replace_file(self, disk, metadata_path_in(folder), format_partition_metadata(topic_id));
}

}  // namespace gregor::storage

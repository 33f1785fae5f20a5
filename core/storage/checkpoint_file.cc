#include "storage/checkpoint_file.h"

#include "storage/text_fields.h"

namespace gregor::storage {

ByteBuffer format_checkpoint(const std::vector<std::string>& lines) {
  std::string text = "0\n" + std::to_string(lines.size()) + "\n";
  for (const auto& line : lines) text += line + "\n";
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

Result<std::vector<std::string>> parse_checkpoint(Bytes content) {
  if (content.empty()) return std::vector<std::string>{};
  const auto lines = lines_of(text_of(content));
  if (lines.empty() || parse_number<int>(lines[0]) != 0) return fail(Errc::malformed, "line 1: version is not 0");
  const auto count = lines.size() > 1 ? parse_number<std::size_t>(lines[1]) : std::nullopt;
  if (!count) return fail(Errc::malformed, "line 2: no count of entries");
  if (*count != lines.size() - 2) {
    return fail(Errc::malformed, "line 2: counts " + std::to_string(*count) + " entries where " +
                                     std::to_string(lines.size() - 2) + " stand");
  }
  return std::vector<std::string>(lines.begin() + 2, lines.end());
}

ByteBuffer format_offsets(const OffsetCheckpoint& offsets) {
  std::vector<std::string> lines;
  for (const auto& [key, offset] : offsets) {
    lines.push_back(key.topic + " " + std::to_string(key.partition.value()) + " " + std::to_string(offset.value()));
  }
  return format_checkpoint(lines);
}

Result<OffsetCheckpoint> parse_offsets(Bytes content) {
  TRY_ASSIGN(const auto lines, parse_checkpoint(content));
  OffsetCheckpoint offsets;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto words = words_of(lines[i]);
    const auto partition = words.size() == 3 ? parse_number<std::int32_t>(words[1]) : std::nullopt;
    const auto offset = words.size() == 3 ? parse_number<std::int64_t>(words[2]) : std::nullopt;
    if (!partition || !offset || *partition < 0 || words[0].empty()) {
      return fail(Errc::malformed, "line " + std::to_string(i + 3) + ": not TOPIC PARTITION OFFSET");
    }
    offsets[{std::string(words[0]), PartitionIndex{*partition}}] = Offset{*offset};
  }
  return offsets;
}

Result<OffsetCheckpoint> read_offsets(env::Fiber& self, env::Disk& disk, const std::string& path) {
  auto content = env::read_file(self, disk, path, kCheckpointBytesMax);
  if (!content && content.error().code == Errc::not_found) return OffsetCheckpoint{};
  if (!content) return fail(std::move(content.error()));
  auto offsets = parse_offsets(*content);
  if (!offsets) return fail(offsets.error().code, path + ": " + offsets.error().text);
  return offsets;
}

Result<void> write_offsets(env::Fiber& self, env::Disk& disk, const std::string& path,
                           const OffsetCheckpoint& offsets) {
  return env::replace_file(self, disk, path, format_offsets(offsets));
}

}  // namespace gregor::storage

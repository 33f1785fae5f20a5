#include "storage/segment_name.h"

#include <array>
#include <utility>

#include "base/check.h"
#include "env/disk.h"
#include "storage/text_fields.h"

namespace gregor::storage {
namespace {

constexpr std::size_t kOffsetDigits = 20;
constexpr std::array<std::pair<std::string_view, FileKind>, 5> kKinds{{{".log", FileKind::log},
                                                                       {".index", FileKind::offset_index},
                                                                       {".timeindex", FileKind::time_index},
                                                                       {".txnindex", FileKind::transaction_index},
                                                                       {".snapshot", FileKind::producer_snapshot}}};
constexpr std::array<std::pair<std::string_view, FileStage>, 4> kStages{
    {{".deleted", FileStage::deleted},
     {".cleaned", FileStage::cleaned},
     {".swap", FileStage::swap},
     {env::kUnfinishedSuffix, FileStage::unfinished}}};

}  // namespace

std::string_view suffix_of(FileKind kind) {
  for (const auto& [suffix, known] : kKinds) {
    if (known == kind) return suffix;
  }
  CHECK(false);
  return {};
}

std::string file_name(Offset base_offset, FileKind kind) {
  CHECK(base_offset >= Offset{0});
  const std::string digits = std::to_string(base_offset.value());
  std::string name(kOffsetDigits - digits.size(), '0');
  name += digits;
  name += suffix_of(kind);
  return name;
}

std::optional<SegmentFile> parse_file_name(std::string_view name) {
  SegmentFile file;
  for (const auto& [suffix, stage] : kStages) {
    if (!name.ends_with(suffix)) continue;
    file.stage = stage;
    name.remove_suffix(suffix.size());
    break;
  }
  if (name.size() <= kOffsetDigits) return std::nullopt;
  const auto offset = parse_number<std::int64_t>(name.substr(0, kOffsetDigits));
  if (!offset || *offset < 0 || name.front() == '-') return std::nullopt;
  file.base_offset = Offset{*offset};
  for (const auto& [suffix, kind] : kKinds) {
    if (name.substr(kOffsetDigits) == suffix) file.kind = kind;
  }
  if (file.kind == FileKind::unknown) return std::nullopt;
  return file;
}

}  // namespace gregor::storage

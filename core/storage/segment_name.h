// Names of the files in a partition's folder, as Kafka gives them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace gregor::storage {

/// All but `live` are what a crash left: of a deletion, of a cleaning (.cleaned, .swap), of a file being written.
enum class FileKind : unsigned char { log, offset_index, time_index, transaction_index, producer_snapshot, unknown };
enum class FileStage : unsigned char { live, deleted, cleaned, swap, unfinished };

struct SegmentFile {
  Offset base_offset;
  FileKind kind = FileKind::unknown;
  FileStage stage = FileStage::live;
};

/// ".log", ".index", ".timeindex", ".txnindex", ".snapshot". Requires a kind other than unknown.
std::string_view suffix_of(FileKind kind);
/// "00000000000000000042.log". Requires offset >= 0.
std::string file_name(Offset base_offset, FileKind kind);
/// None when it is not the name of such a file.
std::optional<SegmentFile> parse_file_name(std::string_view name);

}  // namespace gregor::storage

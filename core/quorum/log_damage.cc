#include "quorum/log_damage.h"

#include <algorithm>
#include <vector>

#include "base/mutant.h"
#include "quorum/metadata_batch.h"
#include "record/batch_format.h"
#include "storage/batch_stream.h"
#include "storage/segment_name.h"

namespace gregor::quorum {

namespace {

/// How much of a damaged file is searched for a good batch behind the damage, bytes.
constexpr std::size_t kSearchBytesMax = std::size_t{256} << 20;

/// Live segments, oldest first.
Result<std::vector<std::string>> segment_paths(env::Fiber& self, env::Disk& disk, const std::string& folder) {
  TRY_ASSIGN(const auto names, disk.list(self, folder));
  std::vector<std::string> paths;
  for (const std::string& name : names) {
    const auto file = storage::parse_file_name(name);
    if (!file || file->kind != storage::FileKind::log || file->stage != storage::FileStage::live) continue;
    paths.push_back(folder + "/" + name);
  }
  std::sort(paths.begin(), paths.end());  // names have a fixed number of digits
  return paths;
}

/// Whether a whole, right batch stands anywhere in `bytes`.
bool holds_a_batch(Bytes bytes) {
  for (std::size_t at = 0; at + record::kBatchHeaderBytes <= bytes.size(); ++at) {
    if (bytes[at + record::kMagicAt] != std::byte{2}) continue;
    if (storage::check_stored_batch(bytes.subspan(at), storage::BatchTrust::crc)) return true;
  }
  return false;
}

class Survey {
 public:
  Survey(env::Fiber& self, env::Disk& disk, bool clean_shutdown)
      : self_(self), disk_(disk), clean_shutdown_(clean_shutdown) {}

  Result<void> read(const std::string& path) {
    TRY_ASSIGN(const auto file, disk_.open(self_, path, env::OpenMode::read_only));
    if (!clean_shutdown_) file->drop_clean_pages(self_);
    TRY_ASSIGN(const FilePosition size, file->size(self_));
    storage::BatchStream batches(*file, FilePosition{0}, size, storage::BatchTrust::crc);
    for (;;) {
      const auto next = batches.next(self_);
      if (!next && next.error().code != Errc::corrupt) return fail(next.error());
      if (!next) return judge(*file, path, batches.position(), size, next.error().text);
      if (!*next) return {};
      TRY(see((*next)->batch));
    }
  }
  [[nodiscard]] LogSurvey take() { return std::move(found_); }

 private:
  Result<void> see(const record::BatchView& batch) {
    if (torn_) return fail(Errc::corrupt, *torn_ + ", and later batches are whole");
    found_.is_empty = false;
    TRY_ASSIGN(const auto voters, voters_set_by(batch));
    if (voters) found_.voters.emplace_back(batch.base_offset(), *voters);
    return {};
  }
  /// What follows the damage decides what it was.
  Result<void> judge(env::File& file, const std::string& path, FilePosition at, FilePosition size,
                     const std::string& what) {
    const std::string where = path + " is damaged at byte " + std::to_string(at.value()) + " (" + what + ")";
    if (MUTANT(metadata_skips_crc)) return {};
    if (clean_shutdown_) return fail(Errc::corrupt, where + ", though the node ended cleanly");
    if (torn_) return fail(Errc::corrupt, *torn_ + ", and so is " + path);
    ByteBuffer rest(std::min(size.value() - at.value(), kSearchBytesMax));
    TRY(env::read_exactly(self_, file, at, rest));
    if (holds_a_batch(Bytes(rest).subspan(std::min<std::size_t>(rest.size(), 1)))) {
      return fail(Errc::corrupt, where + ", and later batches are whole");
    }
    torn_ = where;
    return {};
  }

  env::Fiber& self_;
  env::Disk& disk_;
  bool clean_shutdown_;
  LogSurvey found_;
  std::optional<std::string> torn_;
};

}  // namespace

Result<LogSurvey> survey_log(env::Fiber& self, env::Disk& disk, const std::string& folder, bool clean_shutdown) {
  TRY_ASSIGN(const auto paths, segment_paths(self, disk, folder));
  Survey survey(self, disk, clean_shutdown);
  for (const std::string& path : paths) TRY(survey.read(path));
  return survey.take();
}

}  // namespace gregor::quorum

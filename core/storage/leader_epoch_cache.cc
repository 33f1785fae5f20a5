#include "storage/leader_epoch_cache.h"

#include <algorithm>

#include "base/check.h"
#include "storage/checkpoint_file.h"
#include "storage/text_fields.h"

namespace gregor::storage {

bool LeaderEpochCache::assign(LeaderEpoch epoch, Offset start) {
  CHECK(epoch >= LeaderEpoch{0} && start >= Offset{0});
  if (!entries_.empty() && entries_.back().epoch == epoch && start >= entries_.back().start_offset) return false;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start_offset >= start)) {
    entries_.pop_back();
  }
  entries_.push_back({epoch, start});
  return true;
}

bool LeaderEpochCache::truncate_from_end(Offset end) {
  const std::size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start_offset >= end) entries_.pop_back();
  return entries_.size() != before;
}

bool LeaderEpochCache::truncate_from_start(Offset start) {
  const auto starts_beyond = [&](const EpochEntry& entry) { return entry.start_offset > start; };
  const auto kept = std::find_if(entries_.begin(), entries_.end(), starts_beyond);
  if (kept == entries_.begin()) return false;
  const auto in_force = kept - 1;
  if (in_force == entries_.begin() && in_force->start_offset == start) return false;
  in_force->start_offset = start;
  entries_.erase(entries_.begin(), in_force);
  return true;
}

std::optional<EpochEntry> LeaderEpochCache::latest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.back();
}

std::optional<EpochEntry> LeaderEpochCache::earliest() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front();
}

std::optional<LeaderEpoch> LeaderEpochCache::epoch_at(Offset offset) const {
  return gregor::epoch_at(entries_, offset);
}

EpochEnd LeaderEpochCache::end_of(LeaderEpoch asked, Offset log_end) const {
  return end_of_epoch(entries_, asked, log_end);
}

ByteBuffer format_leader_epochs(const LeaderEpochCache& cache) {
  std::vector<std::string> lines;
  for (const auto& entry : cache.entries()) {
    lines.push_back(std::to_string(entry.epoch.value()) + " " + std::to_string(entry.start_offset.value()));
  }
  return format_checkpoint(lines);
}

Result<LeaderEpochCache> parse_leader_epochs(Bytes content) {
  TRY_ASSIGN(const auto lines, parse_checkpoint(content));
  LeaderEpochCache cache;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto words = words_of(lines[i]);
    const auto epoch = words.size() == 2 ? parse_number<std::int32_t>(words[0]) : std::nullopt;
    const auto start = words.size() == 2 ? parse_number<std::int64_t>(words[1]) : std::nullopt;
    if (!epoch || !start || *epoch < 0 || *start < 0) {
      return fail(Errc::malformed, "line " + std::to_string(i + 3) + ": not EPOCH OFFSET");
    }
    cache.assign(LeaderEpoch{*epoch}, Offset{*start});
    if (cache.entries().size() != i + 1) {
      return fail(Errc::malformed, "line " + std::to_string(i + 3) + ": epochs or offsets do not rise");
    }
  }
  return cache;
}

}  // namespace gregor::storage

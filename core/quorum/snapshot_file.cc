#include "quorum/snapshot_file.h"

#include <charconv>
#include <cstdio>

#include "base/check.h"
#include "quorum/metadata_batch.h"
#include "record/batch_builder.h"
#include "record/record_view.h"
#include "storage/batch_stream.h"
#include "wire/control_records.h"
#include "wire/message.h"

namespace gregor::quorum {

namespace {

constexpr std::string_view kSuffix = ".checkpoint";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::size_t kEpochDigits = 10;

template <class Int>
std::optional<Int> number_in(std::string_view digits) {
  Int number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0) return std::nullopt;
  return number;
}

template <class Record>
ByteBuffer body_of(const Record& record) {
  auto body = wire::encode_body(record, 0);
  CHECK(body.has_value());
  return std::move(*body);
}

/// Of a control batch: the type of its record, from the front or from the back, and its value.
struct ControlRecord {
  std::optional<record::ControlType> type;
  ByteBuffer value;
};
Result<std::optional<ControlRecord>> control_record_of(const record::BatchView& batch, bool is_last) {
  if (!batch.is_control()) return std::nullopt;
  record::RecordIterator records(batch, batch.record_bytes());
  std::optional<ControlRecord> found;
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return found;
    found = ControlRecord{record::control_type_of(*record), {}};
    if (record->value) found->value.assign(record->value->begin(), record->value->end());
    if (!is_last) return found;
  }
}

/// None where the batch is no snapshot's first.
Result<std::optional<WallTime>> header_time_of(const record::BatchView& batch) {
  TRY_ASSIGN(const auto first, control_record_of(batch, false));
  if (!first || first->type != record::ControlType::snapshot_header) return std::nullopt;
  wire::SnapshotHeaderRecord header;
  wire::Reader reader(first->value);
  TRY(wire::decode(reader, header, 0));
  return WallTime{header.last_contained_log_timestamp};
}

}  // namespace

std::string SnapshotId::file_name() const {
  char name[64];
  std::snprintf(name, sizeof name, "%020lld-%010d", static_cast<long long>(end_offset.value()), epoch.value());
  return name + std::string(kSuffix);
}

std::optional<SnapshotId> SnapshotId::from_file_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  if (name.size() != kOffsetDigits + 1 + kEpochDigits || name[kOffsetDigits] != '-') return std::nullopt;
  const auto end = number_in<std::int64_t>(name.substr(0, kOffsetDigits));
  const auto epoch = number_in<std::int32_t>(name.substr(kOffsetDigits + 1));
  if (!end || !epoch) return std::nullopt;
  return SnapshotId{Offset{*end}, LeaderEpoch{*epoch}};
}

Result<Snapshot> read_snapshot(env::Fiber& self, env::Disk& disk, const std::string& path) {
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::read_only));
  TRY_ASSIGN(const FilePosition size, file->size(self));
  storage::BatchStream batches(*file, FilePosition{0}, size, storage::BatchTrust::crc);
  record::CodecScratch scratch;
  Snapshot snapshot;
  snapshot.size_bytes = size.value();
  bool has_header = false;
  for (bool is_first = true;; is_first = false) {
    const auto next = batches.next(self);
    if (!next) return fail(next.error().code, path + ": " + next.error().text);
    if (!*next) return snapshot;
    const record::BatchView& batch = (*next)->batch;
    if (is_first) {
      TRY_ASSIGN(const auto time, header_time_of(batch));
      has_header = time.has_value();
      snapshot.last_contained = time.value_or(snapshot.last_contained);
    }
    TRY_ASSIGN(const auto last, control_record_of(batch, true));
    snapshot.is_whole = has_header && last && last->type == record::ControlType::snapshot_footer;
    TRY_ASSIGN(const auto voters, voters_set_by(batch));
    if (voters) snapshot.voters = *voters;
    TRY_ASSIGN(auto values, values_of(batch, scratch));
    for (ByteBuffer& value : values) snapshot.values.push_back(std::move(value));
  }
}

Result<SnapshotHeader> read_snapshot_header(env::Fiber& self, env::Disk& disk, const std::string& path) {
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::read_only));
  TRY_ASSIGN(const FilePosition size, file->size(self));
  storage::BatchStream batches(*file, FilePosition{0}, size, storage::BatchTrust::crc);
  const auto first = batches.next(self);
  if (!first) return fail(first.error().code, path + ": " + first.error().text);
  if (!*first) return fail(Errc::corrupt, path + " is empty");
  TRY_ASSIGN(const auto time, header_time_of((*first)->batch));
  if (!time) return fail(Errc::corrupt, path + " does not begin with a snapshot's header");
  return SnapshotHeader{*time, size.value()};
}

Result<void> write_bootstrap(env::Fiber& self, env::Disk& disk, const std::string& directory,
                             const std::vector<ByteBuffer>& values, WallTime now) {
  const LeaderEpoch epoch{0};
  const Offset first_value{1};
  const Offset footer = first_value + static_cast<std::int64_t>(values.size());
  ByteBuffer content = record::control_batch(Offset{0}, epoch, now, record::ControlType::snapshot_header,
                                             body_of(wire::SnapshotHeaderRecord{}));
  append_bytes(content, encode_values(values, first_value, epoch, now));
  append_bytes(content, record::control_batch(footer, epoch, now, record::ControlType::snapshot_footer,
                                              body_of(wire::SnapshotFooterRecord{})));
  return env::replace_file(self, disk, directory + "/" + std::string(kBootstrapFile), content);
}

}  // namespace gregor::quorum

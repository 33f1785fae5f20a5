#include "quorum/snapshot_file.h"

#include <charconv>
#include <cstdio>

#include "base/check.h"
#include "quorum/metadata_batch.h"
#include "record/batch_builder.h"
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

Result<std::optional<SnapshotId>> newest_snapshot(env::Fiber& self, env::Disk& disk, const std::string& folder) {
  TRY_ASSIGN(const auto names, disk.list(self, folder));
  std::optional<SnapshotId> newest;
  for (const std::string& name : names) {
    const auto id = SnapshotId::from_file_name(name);
    if (id && (!newest || *newest < *id)) newest = id;
  }
  return newest;
}

Result<Snapshot> read_snapshot(env::Fiber& self, env::Disk& disk, const std::string& path) {
  TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::read_only));
  TRY_ASSIGN(const FilePosition size, file->size(self));
  storage::BatchStream batches(*file, FilePosition{0}, size, storage::BatchTrust::crc);
  record::CodecScratch scratch;
  Snapshot snapshot;
  for (;;) {
    const auto next = batches.next(self);
    if (!next) return fail(next.error().code, path + ": " + next.error().text);
    if (!*next) return snapshot;
    const record::BatchView& batch = (*next)->batch;
    TRY_ASSIGN(const auto voters, voters_set_by(batch));
    if (voters) snapshot.voters = *voters;
    TRY_ASSIGN(auto values, values_of(batch, scratch));
    for (ByteBuffer& value : values) snapshot.values.push_back(std::move(value));
  }
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

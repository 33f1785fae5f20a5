#include "quorum/metadata_batch.h"

#include <algorithm>

#include "base/check.h"
#include "record/batch_builder.h"
#include "record/record_view.h"
#include "wire/control_records.h"
#include "wire/message.h"

namespace gregor::quorum {

namespace {
/// A metadata batch is bounded on its way in; one read from disk may be Kafka's, whose bound is the same.
constexpr std::size_t kPlainBytesMax = std::size_t{64} << 20;
}  // namespace

ByteBuffer encode_values(std::span<const ByteBuffer> values, Offset base, LeaderEpoch epoch, WallTime now) {
  record::BatchBuilder builder({.base_offset = base, .leader_epoch = epoch});
  for (const ByteBuffer& value : values) builder.add(now, std::nullopt, Bytes(value));
  record::CodecScratch scratch;
  auto batch = builder.encode(scratch);
  CHECK(batch.has_value());  // no codec, nothing that could fail
  return std::move(*batch);
}

Result<std::vector<ByteBuffer>> values_of(const record::BatchView& batch, record::CodecScratch& scratch) {
  std::vector<ByteBuffer> values;
  if (batch.is_control()) return values;
  TRY_ASSIGN(const auto plain, record::PlainRecords::of(batch, scratch, kPlainBytesMax));
  record::RecordIterator records(batch, plain.bytes());
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return values;
    if (!record->value) return fail(Errc::malformed, "a metadata record without a value");
    values.emplace_back(record->value->begin(), record->value->end());
  }
}

ByteBuffer leader_change_batch(Offset base, LeaderEpoch epoch, WallTime now, NodeId leader,
                               const raft::VoterSet& voters) {
  wire::LeaderChangeMessage message{.leader_id = leader.value()};
  for (const raft::VoterKey& voter : voters) message.voters.push_back({.voter_id = voter.id.value()});
  message.granting_voters = message.voters;
  const auto value = wire::encode_body(message, 0);
  CHECK(value.has_value());
  return record::control_batch(base, epoch, now, record::ControlType::leader_change, *value);
}

Result<std::optional<raft::VoterSet>> voters_set_by(const record::BatchView& batch) {
  if (!batch.is_control()) return std::nullopt;
  record::RecordIterator records(batch, batch.record_bytes());
  std::optional<raft::VoterSet> voters;
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return voters;
    if (record::control_type_of(*record) != record::ControlType::kraft_voters || !record->value) continue;
    wire::VotersRecord message;
    wire::Reader reader(*record->value);
    TRY(wire::decode(reader, message, 0));
    voters.emplace();
    for (const auto& voter : message.voters) voters->push_back({NodeId{voter.voter_id}, voter.voter_directory_id});
    std::sort(voters->begin(), voters->end());
  }
}

}  // namespace gregor::quorum

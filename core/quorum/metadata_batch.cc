#include "quorum/metadata_batch.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "record/batch_builder.h"
#include "record/record_view.h"
#include "wire/control_records.h"
#include "wire/message.h"

namespace gregor::quorum {

namespace {
/// A metadata batch is bounded on its way in; one read from disk may be Kafka's, whose bound is the same.
constexpr std::size_t kPlainBytesMax = std::size_t{64} << 20;
raft::Voter voter_of(const wire::VotersRecord::Voter& listed) {
  raft::Voter voter{.key = {NodeId{listed.voter_id}, listed.voter_directory_id}};
  for (const auto& endpoint : listed.endpoints) {
    voter.endpoints.push_back({std::string(endpoint.name), std::string(endpoint.host), endpoint.port});
  }
  voter.kraft_version_min = listed.kraft_version_feature.min_supported_version;
  voter.kraft_version_max = listed.kraft_version_feature.max_supported_version;
  return voter;
}

/// Borrows the texts of `voters`.
wire::VotersRecord record_of(const raft::VoterSet& voters) {
  wire::VotersRecord message;
  for (const raft::Voter& voter : voters) {
    auto& listed = message.voters.emplace_back();
    listed.voter_id = voter.key.id.value();
    listed.voter_directory_id = voter.key.directory_id;
    for (const raft::Endpoint& at : voter.endpoints) {
      listed.endpoints.push_back({.name = at.listener, .host = at.host, .port = at.port});
    }
    listed.kraft_version_feature = {.min_supported_version = voter.kraft_version_min,
                                    .max_supported_version = voter.kraft_version_max};
  }
  return message;
}

template <class Record>
ByteBuffer body_of(const Record& record) {
  auto body = wire::encode_body(record, 0);
  CHECK(body.has_value());  // version 0 of a control record has all its fields
  return std::move(*body);
}

/// Control records of one batch.
class ControlBatch {
 public:
  ControlBatch(Offset base, LeaderEpoch epoch, WallTime now)
      : builder_({.base_offset = base, .leader_epoch = epoch, .is_control = true}), now_(now) {}
  void add(record::ControlType type, const ByteBuffer& value) {
    std::array<std::byte, 4> key{};  // version 0, then the type
    store_big_endian(key.data() + 2, static_cast<std::int16_t>(type));
    builder_.add(now_, Bytes(key), Bytes(value));
  }
  [[nodiscard]] ByteBuffer encode() const {
    record::CodecScratch scratch;
    auto batch = builder_.encode(scratch);
    CHECK(batch.has_value());  // no codec, nothing that could fail
    return std::move(*batch);
  }

 private:
  record::BatchBuilder builder_;
  WallTime now_;
};

/// Calls `visit` with each control record of this type, decoded.
template <class Message, class Visit>
Result<void> each_control(const record::BatchView& batch, record::ControlType type, Visit&& visit) {
  if (!batch.is_control()) return {};
  record::RecordIterator records(batch, batch.record_bytes());
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return {};
    if (record::control_type_of(*record) != type || !record->value) continue;
    Message message;
    wire::Reader reader(*record->value);
    TRY(wire::decode(reader, message, 0));
    visit(message);
  }
}

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

ByteBuffer epoch_start_batch(Offset base, LeaderEpoch epoch, WallTime now, const EpochStart& start,
                             const std::optional<raft::VoterSet>& first_voters) {
  wire::LeaderChangeMessage message{.leader_id = start.leader.value()};
  for (const NodeId voter : start.voters) message.voters.push_back({.voter_id = voter.value()});
  for (const NodeId voter : start.granted) message.granting_voters.push_back({.voter_id = voter.value()});
  ControlBatch batch(base, epoch, now);
  batch.add(record::ControlType::leader_change, body_of(message));
  if (first_voters) {
    batch.add(record::ControlType::kraft_version, body_of(wire::KRaftVersionRecord{.kraft_version = 1}));
    batch.add(record::ControlType::kraft_voters, body_of(record_of(*first_voters)));
  }
  return batch.encode();
}

ByteBuffer voters_batch(Offset base, LeaderEpoch epoch, WallTime now, const raft::VoterSet& voters) {
  return record::control_batch(base, epoch, now, record::ControlType::kraft_voters, body_of(record_of(voters)));
}

Result<std::vector<NodeId>> voters_counted_by(const record::BatchView& batch) {
  std::vector<NodeId> counted;
  TRY(each_control<wire::LeaderChangeMessage>(batch, record::ControlType::leader_change, [&](const auto& message) {
    for (const auto& voter : message.voters) counted.emplace_back(voter.voter_id);
  }));
  std::sort(counted.begin(), counted.end());
  return counted;
}

Result<std::optional<raft::VoterSet>> voters_set_by(const record::BatchView& batch) {
  std::optional<raft::VoterSet> voters;
  TRY(each_control<wire::VotersRecord>(batch, record::ControlType::kraft_voters, [&](const auto& message) {
    voters.emplace();
    for (const auto& voter : message.voters) voters->push_back(voter_of(voter));
    raft::sort_voters(*voters);
  }));
  return voters;
}

}  // namespace gregor::quorum

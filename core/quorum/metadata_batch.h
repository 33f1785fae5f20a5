// Batches of the metadata log: records in, one batch out, and back. Control batches of the quorum too. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "raft/voters.h"
#include "record/batch_view.h"
#include "record/codec.h"

namespace gregor::quorum {

/// What a record takes around its value, at most.
inline constexpr std::size_t kRecordOverheadBytesMax = 32;

/// Values as records with null keys, uncompressed, at rising offsets from `base`. Requires at least one.
ByteBuffer encode_values(std::span<const ByteBuffer> values, Offset base, LeaderEpoch epoch, WallTime now);

/// The values of a batch's records, in order. Empty for control batches. Errors: malformed, unsupported (codec), limit.
Result<std::vector<ByteBuffer>> values_of(const record::BatchView& batch, record::CodecScratch& scratch);

/// What a LeaderChange record says (KIP-595).
struct EpochStart {
  NodeId leader;
  std::vector<NodeId> voters;
  std::vector<NodeId> granted;  ///< who voted for it
};
/// The batch with which a leader opens its epoch: a LeaderChange record, always of version 0 (Kafka reads no other,
/// whatever kraft.version is), and behind it the first KRaftVersion and Voters records of the log where
/// `first_voters` is set (KIP-853).
ByteBuffer epoch_start_batch(Offset base, LeaderEpoch epoch, WallTime now, const EpochStart& start,
                             const std::optional<raft::VoterSet>& first_voters);
/// A VotersRecord.
ByteBuffer voters_batch(Offset base, LeaderEpoch epoch, WallTime now, const raft::VoterSet& voters);

/// Whom the leader of an epoch counts as voters, in order, as its LeaderChange record says; empty of other batches.
/// Errors: malformed.
Result<std::vector<NodeId>> voters_counted_by(const record::BatchView& batch);

/// The voters that a control batch sets (KIP-853); none when it is about something else. Errors: malformed.
Result<std::optional<raft::VoterSet>> voters_set_by(const record::BatchView& batch);

}  // namespace gregor::quorum

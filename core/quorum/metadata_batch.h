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

/// Values as records with null keys, uncompressed, at rising offsets from `base`. Requires at least one.
ByteBuffer encode_values(std::span<const ByteBuffer> values, Offset base, LeaderEpoch epoch, WallTime now);

/// The values of a batch's records, in order. Empty for control batches. Errors: malformed, unsupported (codec), limit.
Result<std::vector<ByteBuffer>> values_of(const record::BatchView& batch, record::CodecScratch& scratch);

/// The record with which a leader opens its epoch (KIP-595). Always version 0: Kafka reads no other, whatever
/// kraft.version is.
ByteBuffer leader_change_batch(Offset base, LeaderEpoch epoch, WallTime now, NodeId leader,
                               const raft::VoterSet& voters);

/// The voters that a control batch sets (KIP-853); none when it is about something else. Errors: malformed.
Result<std::optional<raft::VoterSet>> voters_set_by(const record::BatchView& batch);

}  // namespace gregor::quorum

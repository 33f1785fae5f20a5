// The stored form of groups and offsets: Kafka's record schemas for __consumer_offsets, at the versions Kafka 4.3
// writes.
#pragma once

#include <string_view>

#include "base/result.h"
#include "group/classic_group.h"
#include "group/offset_table.h"
#include "group/outcome.h"
#include "wire/group_records.h"

namespace gregor::group {

/// A group with its members' metadata for the chosen protocol and their assignments. Requires a protocol where there
/// are members.
NewRecord group_record(const ClassicGroup& group);
/// A group that has an id and nothing else yet: written when the first member asks for one.
NewRecord new_group_record(const ClassicGroup& group);
NewRecord group_tombstone(std::string_view group_id);
NewRecord offset_record(std::string_view group_id, std::string_view topic, PartitionIndex partition,
                        const StoredOffset& stored);
NewRecord offset_tombstone(std::string_view group_id, std::string_view topic, PartitionIndex partition);

/// The group that a value describes: Empty without members, else Stable. malformed: two members of one id.
Result<ClassicGroup> group_of(std::string_view group_id, const wire::GroupMetadataValue& value);
StoredOffset offset_of(const wire::OffsetCommitValue& value);
StoredOffset offset_of(const wire::LegacyOffsetCommitValue& value);

/// What the records take in a batch, its header included, at most.
std::int64_t append_bytes(std::span<const NewRecord> records);

}  // namespace gregor::group

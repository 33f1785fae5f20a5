// partition.metadata: which incarnation of a topic a partition folder belongs to. Written once, before the first
// record.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"

namespace gregor::storage {

inline constexpr std::string_view kPartitionMetadataFile = "partition.metadata";

ByteBuffer format_partition_metadata(const TopicId& topic_id);
/// Errors: malformed, unsupported (version).
Result<TopicId> parse_partition_metadata(Bytes content);

/// Errors: not_found, io, malformed, unsupported.
Result<TopicId> read_partition_metadata(env::Fiber& self, env::Disk& disk, const std::string& folder);
/// Durable when it returns without error.
Result<void> write_partition_metadata(env::Fiber& self, env::Disk& disk, const std::string& folder,
                                      const TopicId& topic_id);

}  // namespace gregor::storage

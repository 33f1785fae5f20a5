// In which log directory a replica lives, as the metadata log knows it (KIP-858). Pure.
#pragma once

#include "base/ids.h"
#include "metadata/image.h"

namespace gregor::metadata {

/// Ids that name no directory. Not known, as before directories had ids.
inline constexpr Uuid kMigratingDirectory{0, 0};
/// The broker is to choose one and to say which.
inline constexpr Uuid kUnassignedDirectory{0, 1};
/// One of those that the broker lost.
inline constexpr Uuid kLostDirectory{0, 2};
/// The first 100 ids are nobody's.
bool is_reserved_id(const Uuid& id);

/// Where a new replica on `broker` will be: its only directory, or the broker's to choose.
Uuid default_directory_on(const Image& image, NodeId broker);
/// As the partition's records say; kMigratingDirectory where they say nothing of this replica.
Uuid directory_of(const Partition& partition, NodeId replica);
/// False where the replica's directory is known and not among those that its broker has online.
bool is_in_online_directory(const BrokerRegistration& broker, const Uuid& directory);

}  // namespace gregor::metadata

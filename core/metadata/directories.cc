#include "metadata/directories.h"

#include <algorithm>

namespace gregor::metadata {

bool is_reserved_id(const Uuid& id) {
  return id.high == 0 && id.low < 100;
}

Uuid default_directory_on(const Image& image, NodeId broker) {
  const BrokerRegistration* registration = image.find_broker(broker);
  if (registration == nullptr || registration->log_dirs.empty()) return kMigratingDirectory;
  return registration->log_dirs.size() == 1 ? registration->log_dirs.front() : kUnassignedDirectory;
}

Uuid directory_of(const Partition& partition, NodeId replica) {
  const auto found = std::find(partition.replicas.begin(), partition.replicas.end(), replica);
  const auto at = static_cast<std::size_t>(found - partition.replicas.begin());
  return found != partition.replicas.end() && at < partition.directories.size() ? partition.directories[at]
                                                                                : kMigratingDirectory;
}

bool is_in_online_directory(const BrokerRegistration& broker, const Uuid& directory) {
  if (directory == kMigratingDirectory || directory == kUnassignedDirectory) return true;
  if (directory == kLostDirectory) return false;
  // A broker that registered before directories had ids has told of none.
  return broker.log_dirs.empty() ||
         std::find(broker.log_dirs.begin(), broker.log_dirs.end(), directory) != broker.log_dirs.end();
}

}  // namespace gregor::metadata

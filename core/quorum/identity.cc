#include "quorum/identity.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/check.h"
#include "quorum/snapshot_file.h"

namespace gregor::quorum {

namespace {

constexpr std::uint64_t kReservedIds = 100;  // Kafka's own: 0 to 99 in the low half
constexpr int kDrawsMax = 1000;              // one draw in 64 begins with '-'

bool is_used(const storage::LogDirectory& directory) {
  return directory.meta().has_value();
}

Result<void> check_meta(const storage::LogDirectory& directory, NodeId node) {
  const std::string file = directory.path() + "/meta.properties";
  const storage::MetaProperties& meta = *directory.meta();
  if (meta.version != 1) {
    return fail(Errc::unsupported, file + " is of version " + std::to_string(meta.version) +
                                       " (ZooKeeper's): migrate the cluster to KRaft with Apache Kafka first");
  }
  if (!meta.cluster_id) return fail(Errc::invalid, file + " names no cluster.id");
  if (!meta.node_id) return fail(Errc::invalid, file + " names no node.id");
  if (*meta.node_id != node) {
    return fail(Errc::invalid, file + " belongs to node.id=" + std::to_string(meta.node_id->value()) +
                                   ", this node is node.id=" + std::to_string(node.value()));
  }
  return {};
}

/// None where all are empty.
Result<std::optional<std::string>> common_cluster(const std::vector<storage::LogDirectory*>& all, NodeId node) {
  const storage::LogDirectory* first = nullptr;
  for (const storage::LogDirectory* directory : all) {
    if (!is_used(*directory)) {
      if (directory->folders().empty()) continue;
      return fail(Errc::invalid, directory->path() + " holds partitions but no meta.properties");
    }
    TRY(check_meta(*directory, node));
    if (first == nullptr) first = directory;
    if (*directory->meta()->cluster_id != *first->meta()->cluster_id) {
      return fail(Errc::invalid, directory->path() + " belongs to cluster.id=" + *directory->meta()->cluster_id + ", " +
                                     first->path() + " to cluster.id=" + *first->meta()->cluster_id);
    }
  }
  if (first == nullptr) return std::nullopt;
  return first->meta()->cluster_id;
}

/// Each directory once, that of the metadata first.
std::vector<storage::LogDirectory*> distinct(const Directories& directories) {
  std::vector<storage::LogDirectory*> all{directories.metadata};
  for (storage::LogDirectory* directory : directories.log_dirs) {
    if (directory != directories.metadata) all.push_back(directory);
  }
  return all;
}

/// Gives the directory what it lacks: an id, or everything.
Result<void> complete(env::Fiber& self, storage::LogDirectory& directory, NodeId node, const std::string& cluster,
                      RandomStream& random) {
  storage::MetaProperties meta = directory.meta().value_or(storage::MetaProperties{});
  if (meta.directory_id) return {};
  meta.cluster_id = cluster;
  meta.node_id = node;
  meta.directory_id = draw_id(random);
  return directory.write_meta(self, meta);
}

}  // namespace

Uuid draw_id(RandomStream& random) {
  for (int draw = 0; draw < kDrawsMax; ++draw) {
    const Uuid id = random.uuid();
    const bool is_reserved = id.high == 0 && id.low < kReservedIds;
    if (!is_reserved && id.to_text().front() != '-') return id;
  }
  CHECK(false && "the random stream yields ids");
  return {};
}

Result<Identity> identify(env::Fiber& self, env::Disk& disk, const Directories& directories, NodeId node,
                          const std::vector<ByteBuffer>& bootstrap, RandomStream& random, WallTime now) {
  const auto all = distinct(directories);
  TRY_ASSIGN(const auto cluster, common_cluster(all, node));
  if (cluster && !is_used(*directories.metadata)) {
    return fail(Errc::invalid, "the metadata directory " + directories.metadata->path() +
                                   " is empty, but other log.dirs belong to cluster.id=" + *cluster +
                                   ": restore it, or set metadata.log.dir to where __cluster_metadata-0 is");
  }
  const std::string cluster_id = cluster ? *cluster : draw_id(random).to_text();
  if (!cluster) TRY(write_bootstrap(self, disk, directories.metadata->path(), bootstrap, now));

  Identity identity{.node = node, .cluster_id = cluster_id, .directory_ids = {}, .metadata_directory_id = {}};
  std::set<Uuid> ids;
  for (storage::LogDirectory* directory : all) {
    TRY(complete(self, *directory, node, cluster_id, random));
    const Uuid id = *directory->meta()->directory_id;
    if (!ids.insert(id).second) {
      return fail(Errc::invalid, directory->path() + " has the directory.id of another directory: one is a copy");
    }
  }
  for (const storage::LogDirectory* directory : directories.log_dirs) {
    identity.directory_ids.push_back(*directory->meta()->directory_id);
  }
  identity.metadata_directory_id = *directories.metadata->meta()->directory_id;
  return identity;
}

}  // namespace gregor::quorum

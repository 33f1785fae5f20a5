#include "quorum/identity.h"

#include <algorithm>
#include <optional>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/transform.hpp>
#include <set>

#include "base/check.h"
#include "quorum/format_rule.h"
#include "quorum/new_directory.h"
#include "quorum/snapshot_file.h"

namespace gregor::quorum {

namespace {

constexpr std::uint64_t kReservedIds = 100;  // Kafka's own: 0 to 99 in the low half
constexpr int kDrawsMax = 1000;              // one draw in 64 begins with '-'

using storage::DirectoryGlance;

Result<void> check_meta(const DirectoryGlance& directory, NodeId node) {
  const std::string file = directory.path + "/meta.properties";
  const storage::MetaProperties& meta = *directory.meta;
  if (meta.version != 1) {
    return fail(Errc::unsupported, file + " is of version " + std::to_string(meta.version) +
                                       " (ZooKeeper's): migrate the cluster to KRaft with Apache Kafka first");
  }
  if (!meta.cluster_id) return fail(Errc::invalid, file + " names no cluster.id: restore it");
  if (!meta.node_id) return fail(Errc::invalid, file + " names no node.id: restore it");
  if (*meta.node_id != node) {
    return fail(Errc::invalid, file + " belongs to node.id=" + std::to_string(meta.node_id->value()) +
                                   ", this node is node.id=" + std::to_string(node.value()) +
                                   ": set node.id, or choose other log.dirs");
  }
  return {};
}

/// The cluster that they belong to; none where all are empty. The first one is the metadata's.
Result<std::optional<std::string>> common_cluster(const std::vector<DirectoryGlance>& all, NodeId node) {
  const DirectoryGlance* first = nullptr;
  std::set<Uuid> ids;
  for (const DirectoryGlance& directory : all) {
    if (!directory.meta) {
      if (!directory.has_partitions) continue;
      return fail(Errc::invalid,
                  directory.path + " holds partitions but no meta.properties: restore it, or choose other log.dirs");
    }
    TRY(check_meta(directory, node));
    if (first == nullptr) first = &directory;
    if (*directory.meta->cluster_id != *first->meta->cluster_id) {
      return fail(Errc::invalid, directory.path + " belongs to cluster.id=" + *directory.meta->cluster_id + ", " +
                                     first->path + " to cluster.id=" + *first->meta->cluster_id +
                                     ": name only one cluster's directories in log.dirs");
    }
    if (directory.meta->directory_id && !ids.insert(*directory.meta->directory_id).second) {
      return fail(Errc::invalid, directory.path +
                                     " has the directory.id of another directory, one is a copy: leave it out of "
                                     "log.dirs");
    }
  }
  if (first == nullptr) return std::nullopt;
  const std::string& cluster = *first->meta->cluster_id;
  if (!all.front().meta) {
    return fail(Errc::invalid, "the metadata directory " + all.front().path +
                                   " is empty, but other log.dirs belong to cluster.id=" + cluster +
                                   ": restore it, or set metadata.log.dir to where __cluster_metadata-0 is");
  }
  return cluster;
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
                      RandomStream& random, const std::vector<const char*>& marks) {
  storage::MetaProperties meta = directory.meta().value_or(storage::MetaProperties{});
  if (meta.directory_id) return {};
  meta.cluster_id = cluster;
  meta.node_id = node;
  meta.directory_id = draw_id(random);
  for (const char* mark : marks) meta.others[mark] = "true";
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

Result<void> check_directories(env::Fiber& self, env::Disk& disk, const std::vector<std::string>& log_dirs,
                               const std::string& metadata, NodeId node) {
  std::vector<DirectoryGlance> all;
  TRY_ASSIGN(auto first, storage::LogDirectory::glance(self, disk, metadata));
  all.push_back(std::move(first));
  std::size_t usable = 0;
  Error last;
  for (const std::string& path : log_dirs) {
    auto seen = path == metadata ? all.front() : storage::LogDirectory::glance(self, disk, path);
    if (seen) ++usable;
    if (seen && path != metadata) all.push_back(std::move(*seen));
    if (!seen && seen.error().code != Errc::io) return fail(std::move(seen.error()));
    if (!seen) last = std::move(seen.error());
  }
  if (usable == 0) return fail(std::move(last));
  TRY(common_cluster(all, node));
  return {};
}

Result<Identity> identify(env::Fiber& self, env::Disk& disk, const Directories& directories, NodeId node,
                          const std::vector<ByteBuffer>& bootstrap, RandomStream& random, WallTime now) {
  return identify(self, disk, directories, node, bootstrap, random, now, FormatRule{});
}

Result<Identity> identify(env::Fiber& self, env::Disk& disk, const Directories& directories, NodeId node,
                          const std::vector<ByteBuffer>& bootstrap, RandomStream& random, WallTime now,
                          const FormatRule& rule) {
  const auto all = distinct(directories);
  std::vector<DirectoryGlance> seen;
  for (const storage::LogDirectory* directory : all) {
    seen.push_back({directory->path(), directory->meta(), !directory->folders().empty()});
  }
  TRY_ASSIGN(const auto cluster, common_cluster(seen, node));
  const std::string cluster_id = cluster ? *cluster : rule.cluster_id ? *rule.cluster_id : draw_id(random).to_text();
  if (!cluster) TRY(write_bootstrap(self, disk, directories.metadata->path(), bootstrap, now));

  Identity identity{.node = node, .cluster_id = cluster_id, .directory_ids = {}, .metadata_directory_id = {}};
  for (storage::LogDirectory* directory : all) {
    std::vector<const char*> marks;
    const bool is_new_log = !cluster && directory == directories.metadata;
    if (is_new_log && !rule.may_vote) marks.push_back(kNewDirectoryKey);
    if (is_new_log && rule.begins_quorum) marks.push_back(kFirstVoterKey);
    TRY(complete(self, *directory, node, cluster_id, random, marks));
  }
  const auto id_of = [](const storage::LogDirectory* directory) { return *directory->meta()->directory_id; };
  identity.directory_ids = directories.log_dirs | ranges::views::transform(id_of) | ranges::to<std::vector>();
  identity.metadata_directory_id = *directories.metadata->meta()->directory_id;
  return identity;
}

}  // namespace gregor::quorum

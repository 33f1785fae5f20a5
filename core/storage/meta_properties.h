// meta.properties: whose log directory this is (KIP-78, KIP-631, KIP-858). Java properties; keys we do not know are
// kept.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "env/disk.h"

namespace gregor::storage {

inline constexpr std::string_view kMetaPropertiesFile = "meta.properties";

struct MetaProperties {
  int version = 1;
  std::optional<std::string> cluster_id;
  std::optional<NodeId> node_id;
  std::optional<Uuid> directory_id;
  std::map<std::string, std::string> others;
  bool operator==(const MetaProperties&) const = default;
};

ByteBuffer format_meta_properties(const MetaProperties& meta);
/// Errors: malformed, naming the key; unsupported (version above 1).
Result<MetaProperties> parse_meta_properties(Bytes content);

/// Errors: not_found, io, malformed, unsupported.
Result<MetaProperties> read_meta_properties(env::Fiber& self, env::Disk& disk, const std::string& directory);
/// Durable when it returns without error.
Result<void> write_meta_properties(env::Fiber& self, env::Disk& disk, const std::string& directory,
                                   const MetaProperties& meta);

}  // namespace gregor::storage

// A metadata directory on a simulated disk and the node that lives in it, for tests: opened, crashed, opened again.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/unique_function.h"
#include "quorum/identity.h"
#include "quorum/node.h"
#include "sim/disk_image.h"
#include "sim/run_fiber.h"
#include "storage/log_directory.h"

namespace gregor::quorum {

inline const std::string kHome = "meta";
inline const std::string kMetadataFolder = kHome + "/__cluster_metadata-0";
inline const std::string kFirstSegment = kMetadataFolder + "/00000000000000000000.log";

template <class Value>
std::string why(const Result<Value>& result) {
  return result ? "" : result.error().text;
}

inline ByteBuffer value(std::string_view text) {
  const Bytes bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}
inline std::vector<ByteBuffer> values(std::initializer_list<std::string_view> texts) {
  std::vector<ByteBuffer> all;
  for (const std::string_view text : texts) all.push_back(value(text));
  return all;
}

/// Passes each event on to a test.
class Watching final : public observe::Observer {
 public:
  void on(const observe::Event& event) override {
    if (each) each(event);
  }
  UniqueFunction<void(const observe::Event&)> each;
};

/// Keeps what it hears, and refuses what a test wants refused.
class Listening final : public CommitListener {
 public:
  Result<void> on_committed(const CommittedBatch& batch) override {
    if (each) each(batch);
    if (refuses) return fail(Errc::unsupported, "a record that nobody knows");
    batches.push_back(batch);
    return {};
  }
  /// All metadata records heard so far.
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const CommittedBatch& batch : batches) {
      for (const ByteBuffer& heard : batch.values) all.emplace_back(text_of(heard));
    }
    return all;
  }
  std::vector<CommittedBatch> batches;
  UniqueFunction<void(const CommittedBatch&)> each;
  bool refuses = false;
};

/// One life of a node; destroyed without close() it ends as a killed process does.
class Life {
 public:
  explicit Life(env::Shard& home, const config::BrokerConfig& settings = {}) : shard(home), config(settings) {}

  /// Opens the directory, gives it an identity where it has none, and opens the node.
  Result<void> start(env::Fiber& self, const std::vector<ByteBuffer>& bootstrap = {value("feature")}) {
    TRY_ASSIGN(directory, storage::LogDirectory::open(self, shard.disk, log, kHome));
    RandomStream ids = shard.entropy.stream("identity");
    TRY_ASSIGN(identity, identify(self, shard.disk, {{directory.get()}, directory.get()}, config.node_id, bootstrap,
                                  ids, shard.clock.wall_now()));
    TRY(directory->begin_use(self));
    TRY_ASSIGN(node, Node::open(self, {shard, observer, log, config, *directory, listener}, identity));
    return {};
  }
  /// A clean end, mark included.
  Result<void> end(env::Fiber& self) {
    TRY(node->close(self));
    return directory->mark_clean_shutdown(self, true, BrokerEpoch{1});
  }

  env::Shard& shard;
  const config::BrokerConfig config;
  observe::NullLog log;
  Watching observer;
  Listening listener;
  std::unique_ptr<storage::LogDirectory> directory;
  Identity identity;
  std::unique_ptr<Node> node;
};

/// Runs `body(self, shard)` as a process of its own on `disk`.
template <class Body>
auto on_disk(const std::shared_ptr<sim::DiskImage>& disk, Body&& body) {
  return sim::run_fiber(sim::RunFiberOptions{.disk = disk}, std::forward<Body>(body));
}

}  // namespace gregor::quorum

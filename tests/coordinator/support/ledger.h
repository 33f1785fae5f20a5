// A machine for tests: a ledger of texts by key, and a host for it on a real partition whose disk takes orders.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/host.h"
#include "tests/partition/support/bench_top.h"

namespace gregor::coordinator::test {

class Ledger final : public Machine {
 public:
  struct Diary {
    std::vector<wire::ErrorCode> abandoned;
    int made = 0;
    int ticks = 0;
  };
  explicit Ledger(Diary& diary) : diary_(diary) { ++diary_.made; }

  Result<void> replay(const StoredRecord& record, const Now&) override {
    if (text_of(record.key) == "nonsense") return fail(Errc::unsupported, "what is this");
    auto& at = record.transaction == kNoProducerId ? entries : pending[record.transaction];
    if (record.value) at[std::string(text_of(record.key))] = std::string(text_of(*record.value));
    if (!record.value) at.erase(std::string(text_of(record.key)));
    return {};
  }
  void replay_transaction_end(ProducerId producer, bool committed) override {
    if (committed) entries.merge(std::map<std::string, std::string>(pending[producer]));
    pending.erase(producer);
  }
  void begin(const Now&, Effects&) override { began = true; }
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const override { return deadline; }
  void tick(const Now&, Effects& effects) override {
    ++diary_.ticks;
    deadline.reset();
    effects.records.push_back(record("ticked", "yes"));
  }
  void abandon(wire::ErrorCode why) override { diary_.abandoned.push_back(why); }

  static NewRecord record(const std::string& key, const std::optional<std::string>& value) {
    const auto bytes = [](const std::string& text) { return ByteBuffer(bytes_of(text).begin(), bytes_of(text).end()); };
    return {bytes(key), value ? std::optional<ByteBuffer>(bytes(*value)) : std::nullopt};
  }

  std::map<std::string, std::string> entries;
  std::map<ProducerId, std::map<std::string, std::string>> pending;
  std::optional<MonotonicTime> deadline;
  bool began = false;

 private:
  Diary& diary_;
};

using Told = std::shared_ptr<env::Promise<wire::ErrorCode>>;

/// Lives within one run_fiber body.
class LedgerHost {
 public:
  LedgerHost(env::Fiber& self, env::Shard& shard, const config::TopicConfig& config = {}) : top(self, shard) {
    partition = top.partition(self, config, LeaderEpoch{0});
  }
  ~LedgerHost() {
    if (host) host->end(wire::ErrorCode::not_coordinator);
  }

  void host_in(LeaderEpoch epoch) {
    HostSeat seat{.shard = top.shard,
                  .log = top.log,
                  .codec = top.codec,
                  .batch_codec = record::Codec::none,
                  .spawn = [this](UniqueFunction<void(env::Fiber&)> work) {
                    top.shard.fibers.spawn("coordinator", std::move(work));
                  }};
    host =
        std::make_shared<Host>(std::move(seat), partition, epoch, [this] { return std::make_unique<Ledger>(diary); });
    host->start();
  }
  void await_active(env::Fiber& self) {
    for (int i = 0; i < 1000 && host->stage() != Host::Stage::active; ++i) {
      env::sleep_for(self, top.shard.clock, Milliseconds(1));
    }
    ASSERT_EQ(host->stage(), Host::Stage::active);
  }
  void begin(env::Fiber& self) {
    host_in(LeaderEpoch{0});
    await_active(self);
  }

  /// The promise arrives with what the asker is told; at once where run() refuses.
  Told put(const std::string& key, const std::optional<std::string>& value) {
    auto told = std::make_shared<env::Promise<wire::ErrorCode>>();
    const wire::ErrorCode refused = host->run([&](Machine& machine, const Now&, Effects& effects) {
      auto& ledger = static_cast<Ledger&>(machine);
      if (value) ledger.entries[key] = *value;
      if (!value) ledger.entries.erase(key);
      effects.records.push_back(Ledger::record(key, value));
      effects.releases.push_back([told](wire::ErrorCode error) { told->set(error); });
    });
    if (refused != wire::ErrorCode::none) told->set(refused);
    return told;
  }
  /// A question: what stands under the key, once it may be told.
  Told look(const std::string& key, std::string& seen) {
    auto told = std::make_shared<env::Promise<wire::ErrorCode>>();
    const wire::ErrorCode refused = host->run([&](Machine& machine, const Now&, Effects& effects) {
      seen = static_cast<Ledger&>(machine).entries[key];
      effects.releases.push_back([told](wire::ErrorCode error) { told->set(error); });
    });
    if (refused != wire::ErrorCode::none) told->set(refused);
    return told;
  }
  std::map<std::string, std::string> entries() {
    std::map<std::string, std::string> copy;
    const wire::ErrorCode refused =
        host->run([&](Machine& machine, const Now&, Effects&) { copy = static_cast<Ledger&>(machine).entries; });
    EXPECT_EQ(refused, wire::ErrorCode::none);
    return copy;
  }

  partition::test::BenchTop top;
  Ledger::Diary diary;
  std::shared_ptr<partition::Partition> partition;
  std::shared_ptr<Host> host;
};

}  // namespace gregor::coordinator::test

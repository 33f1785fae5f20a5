// The smaller pieces of the seam for one shard: entropy, mail between shards, and the end of the process.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "env/entropy.h"
#include "env/mailbox.h"
#include "env/process.h"
#include "sim/engine.h"
#include "sim/latency.h"

namespace gregor::sim {

class EntropyPort final : public env::Entropy {
 public:
  EntropyPort(Engine& engine, const Lane& lane) : engine_(engine), lane_(lane) {}
  /// Asking twice for one name gives two streams, as in the real world: the how-manieth time is part of the name.
  [[nodiscard]] RandomStream stream(std::string_view purpose, std::uint64_t object) override;

 private:
  Engine& engine_;
  const Lane& lane_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> asked_;
};

/// Mail under way between the shards of one life of a node: a line for each pair.
class MailRoom {
 public:
  MailRoom(Engine& engine, const Latency& law) : engine_(engine), law_(law) {}
  /// In the order of the shards, before the first mail.
  void add_lane(Lane& lane);
  [[nodiscard]] std::size_t lane_count() const { return lanes_.size(); }
  void post(const Lane& from, ShardId to, env::Mail mail);
  void drop_all();

 private:
  struct Line {
    std::deque<env::Mail> mail;
    RandomStream stream;
  };
  Line& line(std::uint32_t from, std::uint32_t to);
  void offer(std::uint32_t from, std::uint32_t to);

  Engine& engine_;
  Latency law_;
  std::vector<Lane*> lanes_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Line> lines_;
};

class MailboxPort final : public env::Mailbox {
 public:
  MailboxPort(MailRoom& room, const Lane& lane) : room_(room), lane_(lane) {}
  void post(ShardId to, env::Mail mail) override { room_.post(lane_, to, std::move(mail)); }
  [[nodiscard]] ShardId self() const override { return ShardId{lane_.shard}; }
  [[nodiscard]] std::size_t shard_count() const override { return room_.lane_count(); }

 private:
  MailRoom& room_;
  const Lane& lane_;
};

class ProcessPort final : public env::Process {
 public:
  /// `on_halt` ends the life of the node.
  explicit ProcessPort(UniqueFunction<void(std::string_view reason)> on_halt) : on_halt_(std::move(on_halt)) {}
  [[noreturn]] void halt(env::Fiber& self, std::string_view reason) override;

 private:
  UniqueFunction<void(std::string_view)> on_halt_;
};

}  // namespace gregor::sim

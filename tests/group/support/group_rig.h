// GroupRig: a group machine with a hand-moved clock, a log of all its records, and requests in few words. What is
// answered is kept by token, so that a test can ask whether a request still waits.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "group/machine.h"

namespace gregor::group {

struct JoinWords {
  std::string group = "g";
  std::string member = {};
  std::optional<std::string> instance = {};
  std::vector<std::string> protocols = {"range"};
  std::string metadata = "m";
  std::string type = "consumer";
  std::int16_t version = 3;  ///< joins at once; 4 and newer: the id first
  int session_ms = 10'000;
  int rebalance_ms = 5'000;
};

class GroupRig {
 public:
  explicit GroupRig(GroupSettings settings = {});

  Token join(const JoinWords& words);
  Token sync(std::string_view member, int generation, std::vector<std::pair<std::string, std::string>> assignments = {},
             std::optional<std::string> instance = {}, std::string_view group = "g");
  ErrorCode heartbeat(std::string_view member, int generation, std::optional<std::string> instance = {});
  LeaveReply leave(std::vector<std::pair<std::string, std::optional<std::string>>> members, std::int16_t version = 5);
  /// Commits `offset` for t-0; the partition's error.
  ErrorCode commit(std::int64_t offset, std::string_view member = "", int generation = -1, std::int16_t version = 8,
                   std::string_view topic = "t", std::string_view group = "g");
  ErrorCode commit_in_transaction(std::int64_t offset, std::int64_t producer, std::string_view member = "",
                                  int generation = -1);
  /// The offset of t-0, -1 where none is.
  FetchedOffset fetch(std::string_view group = "g", bool require_stable = false, TopicId topic_id = {},
                      std::string_view topic = "t");
  DescribedGroup describe(std::string_view group = "g", std::int16_t version = 5);

  /// Lets time pass; ticks at each deadline on the way.
  void pass(Milliseconds time);
  /// A machine built from the records so far.
  [[nodiscard]] GroupMachine reloaded() const;
  /// Takes the place of the machine: the broker has restarted.
  void restart();
  void take(Outcome outcome);

  template <class R>
  const R* reply(Token token) const {
    const auto found = replies.find(token);
    return found == replies.end() ? nullptr : std::get_if<R>(&found->second);
  }
  /// Requires that it was answered.
  const JoinReply& joined(Token token) const;
  const SyncReply& synced(Token token) const;
  [[nodiscard]] bool waits(Token token) const { return !replies.contains(token); }

  /// A first member of group g in a stable generation 1; its id.
  std::string settled_member(JoinWords words = {});

  GroupSettings settings;
  GroupMachine machine;
  Now now{.monotonic = MonotonicTime(std::chrono::hours(1)), .wall = WallTime{1'700'000'000'000}};
  std::map<Token, Reply> replies;
  std::vector<NewRecord> log;
  Caller caller(std::int16_t version);

 private:
  std::uint64_t next_token_ = 1;
  std::uint64_t next_id_ = 1;
};

}  // namespace gregor::group

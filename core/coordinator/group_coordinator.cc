#include "coordinator/group_coordinator.h"

#include <algorithm>
#include <utility>

#include "base/mutant.h"

namespace gregor::coordinator {
namespace {

group::Now group_now(const Now& now) {
  return {.monotonic = now.monotonic, .wall = now.wall};
}

}  // namespace

/// A group machine as its host sees it.
class GroupCoordinator::Groups final : public Machine {
 public:
  Groups(const group::GroupSettings& settings, Milliseconds expiry_interval, observe::Log& log)
      : machine_(settings), expiry_interval_(expiry_interval), log_(log) {}

  void ask(GroupAsk& ask, GroupAnswered answered, const Now& now, Effects& effects) {
    const group::Token token{next_token_++};
    waiting_.emplace(token, std::move(answered));
    take(ask(machine_, token, group_now(now)), effects);
  }
  void forget_topics(const std::vector<std::string>& topics, Effects& effects) {
    take(machine_.forget_topics(topics), effects);
  }

  Result<void> replay(const StoredRecord& record, const Now& now) override {
    const group::StoredRecord stored{.key = record.key, .value = record.value, .producer_id = record.transaction};
    return machine_.apply(stored, group_now(now));
  }
  void replay_transaction_end(ProducerId producer, bool committed) override {
    machine_.end_transaction(producer, committed);
  }

  void begin(const Now& now, Effects& effects) override {
    next_expiry_ = now.monotonic + expiry_interval_;
    take(machine_.finish_load(group_now(now)), effects);
    for (const auto& [type, count] : machine_.other_records()) {
      log_.warn("groups.other_records", {{"type", type}, {"count", count}});
    }
  }
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const override {
    return std::min(machine_.next_deadline(), next_expiry_);
  }
  void tick(const Now& now, Effects& effects) override {
    if (now.monotonic >= machine_.next_deadline()) take(machine_.tick(group_now(now)), effects);
    if (now.monotonic < next_expiry_) return;
    next_expiry_ = now.monotonic + expiry_interval_;
    take(machine_.expire(group_now(now)), effects);
  }
  void abandon(wire::ErrorCode why) override {
    for (auto& [token, answered] : std::exchange(waiting_, {})) answered(tl::unexpected(why));
  }

 private:
  void take(group::Outcome outcome, Effects& effects) {
    effects.is_atomic = effects.is_atomic && outcome.atomic;
    for (group::NewRecord& record : outcome.records) {
      effects.records.push_back({std::move(record.key), std::move(record.value)});
    }
    for (group::Answer& answer : outcome.answers) {
      const auto waiting = waiting_.find(answer.token);
      if (waiting == waiting_.end()) continue;
      effects.releases.push_back(
          [answered = std::move(waiting->second), reply = std::move(answer.reply)](wire::ErrorCode error) mutable {
            error == wire::ErrorCode::none ? answered(std::move(reply)) : answered(tl::unexpected(error));
          });
      waiting_.erase(waiting);
    }
  }

  group::GroupMachine machine_;
  const Milliseconds expiry_interval_;
  observe::Log& log_;
  MonotonicTime next_expiry_ = kForever;
  std::uint64_t next_token_ = 1;
  std::map<group::Token, GroupAnswered> waiting_;
};

GroupCoordinator::GroupCoordinator(HostSeat seat, std::shared_ptr<partition::Partition> partition, LeaderEpoch epoch,
                                   group::GroupSettings settings, Milliseconds expiry_interval) {
  settings.append_bytes_max = partition->config().max_message_bytes;
  auto make = [settings, expiry_interval, &log = seat.log]() -> std::unique_ptr<Machine> {
    return std::make_unique<Groups>(settings, expiry_interval, log);
  };
  host_ = std::make_shared<Host>(std::move(seat), std::move(partition), epoch, std::move(make));
}

GroupCoordinator::~GroupCoordinator() = default;

void GroupCoordinator::ask(GroupAsk ask, GroupAnswered answered) {
  const wire::ErrorCode refused = host_->run([&](Machine& machine, const Now& now, Effects& effects) {
    static_cast<Groups&>(machine).ask(ask, std::move(answered), now, effects);
  });
  if (refused != wire::ErrorCode::none) answered(tl::unexpected(refused));
}

void GroupCoordinator::forget_topics(std::vector<std::string> topics) {
  const wire::ErrorCode refused = host_->run([&](Machine& machine, const Now&, Effects& effects) {
    static_cast<Groups&>(machine).forget_topics(topics, effects);
  });
  static_cast<void>(refused);
}

}  // namespace gregor::coordinator

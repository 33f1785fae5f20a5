// What clients were told of configs and how the broker followed them, held against the changes that were acknowledged.
// Each config has one client that changes it, so its steps stand in the history in their order. A change without an
// answer, or with one that came late, may still happen while the broker's life lasts.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

using Kind = ConfigStep::Kind;
using Value = std::optional<std::string>;

/// A request that took longer than this may have been sent twice.
constexpr std::chrono::milliseconds kSentOnce{2'000};
/// How long after its acknowledgement the logs may take to hear of a change: they live on other shards.
constexpr std::chrono::milliseconds kFollowedWithin{1'000};

constexpr std::int16_t kNone = 0;
constexpr std::int16_t kMessageTooLarge = 10;
constexpr std::int16_t kNotEnoughReplicas = 19;
constexpr std::int16_t kInvalidRecord = 87;

/// What a write shows at once.
constexpr auto kFollowed = std::to_array<const char*>(
    {"max.message.bytes", "min.insync.replicas", "cleanup.policy", "message.timestamp.type"});

std::string text_of(const Value& value) {
  return value ? "\"" + *value + "\"" : "unset";
}

/// What one config may be.
class ConfigState {
 public:
  void change(const ConfigStep& step) {
    forget_former_lives(step.life_at_begin);
    const bool may_come_late = step.outcome != Outcome::acknowledged || step.at - step.asked > kSentOnce;
    if (step.outcome == Outcome::acknowledged) {
      possible_ = {step.value};
      settled_at_ = step.at;
    }
    if (may_come_late) late_.push_back({step.value, step.life_at_end});
    add_late();
  }
  /// False: it cannot be so.
  bool see(const ConfigStep& step) {
    forget_former_lives(step.life_at_begin);
    if (!possible_.contains(step.value)) return false;
    if (possible_.size() > 1) settled_at_ = step.at;
    possible_ = {step.value};
    add_late();
    return true;
  }
  /// What surely held when a request was asked at this time; none where nobody can say, or it is unset.
  [[nodiscard]] Value at(MonotonicTime asked, std::uint32_t life) {
    forget_former_lives(life);
    return is_sure(asked) ? *possible_.begin() : std::nullopt;
  }
  [[nodiscard]] bool is_surely_unset(MonotonicTime asked, std::uint32_t life) {
    forget_former_lives(life);
    return is_sure(asked) && !possible_.begin()->has_value();
  }

 private:
  struct Late {
    Value value;
    std::uint32_t life;
  };
  [[nodiscard]] bool is_sure(MonotonicTime asked) const {
    return possible_.size() == 1 && late_.empty() && asked >= settled_at_ + kFollowedWithin;
  }
  void forget_former_lives(std::uint32_t life) {
    std::erase_if(late_, [life](const Late& late) { return late.life < life; });
  }
  void add_late() {
    for (const Late& late : late_) possible_.insert(late.value);
  }
  std::set<Value> possible_{std::nullopt};
  std::vector<Late> late_;
  MonotonicTime settled_at_{};
};

using States = std::map<std::pair<std::string, std::string>, ConfigState>;

std::string fault_of(const ConfigStep& write, const std::string& name, const std::string& value) {
  const bool is_taken = write.code == kNone;
  const auto refused_or = [&](bool must_be_refused, std::int16_t code) -> std::string {
    if (must_be_refused && is_taken) return "was taken";
    if (!must_be_refused && write.code == code) return "was refused with error " + std::to_string(code);
    return {};
  };
  if (name == "max.message.bytes") return refused_or(write.bytes > std::stoi(value), kMessageTooLarge);
  // No more is asked for than there are replicas: one.
  if (name == "min.insync.replicas") return refused_or(false, kNotEnoughReplicas);
  if (name == "cleanup.policy" && !write.has_key) return refused_or(value.starts_with("compact"), kInvalidRecord);
  if (name == "message.timestamp.type" && is_taken && write.is_stamped != (value == "LogAppendTime")) {
    return write.is_stamped ? "was stamped by the broker" : "was not stamped by the broker";
  }
  return {};
}

/// What a topic's config surely was; where it surely had none, what the broker's was.
Value value_for(States& states, ConfigState& state, const std::string& name, const ConfigStep& write) {
  if (name == "message.timestamp.type" && state.is_surely_unset(write.asked, write.life_at_begin)) {
    return states[{"broker 1", "log.message.timestamp.type"}].at(write.asked, write.life_at_begin);
  }
  return state.at(write.asked, write.life_at_begin);
}

void judge_write(States& states, const ConfigStep& write, Verdict& verdict) {
  for (const char* name : kFollowed) {
    ConfigState& state = states[{write.resource, name}];
    const Value value = value_for(states, state, name, write);
    if (!value) continue;
    const std::string fault = fault_of(write, name, *value);
    if (fault.empty()) continue;
    verdict.violated("C1",
                     "a batch of " + std::to_string(write.bytes) + " bytes to " + write.resource + " " + fault +
                         ", though " + name + " is " + *value,
                     write.at);
  }
}

/// A write that was taken while every message was flushed before its answer stands, whatever happens.
void judge_survival(const History& history, const ConfigStep& write, MonotonicTime read_at, Verdict& verdict) {
  const auto log = history.configured_logs.find(write.resource);
  if (log == history.configured_logs.end() || write.at >= read_at || log->second.contains(write.written)) return;
  verdict.violated("C1",
                   "value " + std::to_string(write.written) + " is missing in " + write.resource +
                       ", though flush.messages was 1 when it was taken",
                   write.at);
}

/// The first change of the bound on its size comes after the log was read.
MonotonicTime time_of_reading(const History& history, const std::string& resource) {
  const auto bounds = [&](const ConfigStep& step) {
    return step.resource == resource && step.name == "retention.bytes";
  };
  const auto found = std::ranges::find_if(history.config_steps, bounds);
  return found == history.config_steps.end() ? MonotonicTime::min() : found->asked;
}

}  // namespace

void configs_are_followed(const History& history, Verdict& verdict) {
  States states;
  for (const ConfigStep& step : history.config_steps) {
    ConfigState& state = states[{step.resource, step.name}];
    if (step.kind == Kind::change) state.change(step);
    if (step.kind == Kind::seen && !state.see(step)) {
      verdict.violated("K2",
                       step.name + " of " + step.resource + " is said to be " + text_of(step.value) +
                           ", which is not what was acknowledged last",
                       step.at);
    }
    if (step.kind != Kind::write) continue;
    judge_write(states, step, verdict);
    const bool was_flushed = states[{step.resource, "flush.messages"}].at(step.asked, step.life_at_begin) == "1";
    // Without a key it goes when the topic is compacted.
    if (was_flushed && step.has_key && step.code == kNone)
      judge_survival(history, step, time_of_reading(history, step.resource), verdict);
  }
}

}  // namespace gregor::properties

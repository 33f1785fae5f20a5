#include "scenarios/run_timeline.h"

#include <limits>
#include <utility>

#include "scenarios/event_text.h"

namespace gregor::scenarios {
namespace {

std::vector<std::int32_t> numbers_of(std::span<const NodeId> nodes) {
  std::vector<std::int32_t> numbers;
  for (const NodeId node : nodes) numbers.push_back(node.value());
  return numbers;
}

/// What of an event is marked in its node's lane; the others happen too often.
const char* kind_of_mark(const observe::Event& event) {
  if (const auto* opened = std::get_if<observe::LogOpened>(&event)) {
    return opened->bytes_truncated > 0 ? "opened" : nullptr;
  }
  if (std::holds_alternative<observe::QuorumLeaderElected>(event)) return "controller";
  if (std::holds_alternative<observe::LeadershipBegan>(event)) return "leads";
  if (std::holds_alternative<observe::LogTruncated>(event)) return "truncated";
  if (std::holds_alternative<observe::LogBegunAnew>(event)) return "truncated";
  if (std::holds_alternative<observe::LogDirectoryFailed>(event)) return "failed";
  if (std::holds_alternative<observe::NodeReady>(event)) return "ready";
  return nullptr;
}

/// Of a partition that was removed: nothing newer is told of it.
constexpr std::int32_t kGone = std::numeric_limits<std::int32_t>::max();

/// What happens all the time and tells little of a violation.
bool is_noise(const observe::Event& event) {
  return std::holds_alternative<observe::MetadataApplied>(event) ||
         std::holds_alternative<observe::FetchAnswered>(event) || std::holds_alternative<observe::LogFlushed>(event);
}

}  // namespace

RunTimeline::RunTimeline(const Scenario& scenario) : scenario_(scenario) {
  for (std::int32_t node = 1; node <= node_count(scenario); ++node) now_.push_back({.node = node});
}

template <class Kept>
void RunTimeline::keep(std::vector<Kept>& all, Kept one) {
  if (all.size() < kTimelineMax) {
    all.push_back(std::move(one));
  } else {
    ++dropped_;
  }
}

void RunTimeline::mark(MonotonicTime at, std::int32_t node, const char* kind, std::string text) {
  keep(marks_, Mark{.at = at, .node = node, .kind = kind, .text = std::move(text)});
}

void RunTimeline::hear(MonotonicTime at, std::int32_t node, const observe::Event& event,
                       const properties::Verdict& verdict) {
  const bool is_first_seen = accused_.size() < verdict.violations().size();
  if (accused_.empty() && !is_noise(event)) {
    last_.push_back({.at = at, .node = node, .text = sentence_of(event)});
    if (last_.size() > kLastEventsMax) last_.pop_front();
  }
  if (is_first_seen) accused_.resize(verdict.violations().size(), node);
  if (const auto* changed = std::get_if<observe::PartitionChanged>(&event)) change(at, *changed);
  if (const auto* removed = std::get_if<observe::PartitionRemoved>(&event)) remove(at, removed->partition);
  if (const char* kind = kind_of_mark(event)) mark(at, node, kind, sentence_of(event));
}

void RunTimeline::change(MonotonicTime at, const observe::PartitionChanged& event) {
  const auto [told, is_new] = partition_epochs_.try_emplace(event.partition, -1);
  if (event.partition_epoch <= told->second) return;
  told->second = event.partition_epoch;
  keep(changes_, Change{.at = at,
                        .partition = event.partition,
                        .partition_epoch = event.partition_epoch,
                        .leader = event.leader.value(),
                        .leader_epoch = event.leader_epoch.value(),
                        .replicas = numbers_of(event.replicas),
                        .isr = numbers_of(event.isr),
                        .eligible = numbers_of(event.eligible_leader_replicas)});
}

void RunTimeline::remove(MonotonicTime at, const TopicPartition& partition) {
  std::int32_t& told = partition_epochs_[partition];
  if (std::exchange(told, kGone) != kGone) keep(changes_, Change{.at = at, .partition = partition});
}

void RunTimeline::struck(MonotonicTime at, std::int32_t node, const Fault& fault, FaultOutcome outcome) {
  std::size_t place = 0;
  while (place < scenario_.faults.size() && &scenario_.faults[place] != &fault) ++place;
  keep(strikes_, Strike{.fault = place, .at = at, .node = node, .outcome = outcome});
}

void RunTimeline::look_at(sim::World& world) {
  const MonotonicTime at{world.now().time_since_epoch()};
  for (std::size_t i = 0; i < now_.size() && i < world.node_count(); ++i) {
    const auto node = static_cast<sim::NodeIndex>(i);
    Span& span = now_[i];
    const sim::NodeState state = world.state(node);
    const std::uint32_t life = world.incarnation(node);
    if (span.life == life && span.state == state) continue;
    if (span.life > 0) {
      span.to = at;
      keep(spans_, span);
    }
    span = {.node = static_cast<std::int32_t>(i) + 1, .state = state, .life = life, .from = at, .to = at};
  }
}

void RunTimeline::end(MonotonicTime at) {
  ended_ = at;
  for (Span& span : now_) {
    if (span.life == 0) continue;
    span.to = at;
    keep(spans_, span);
  }
}

}  // namespace gregor::scenarios

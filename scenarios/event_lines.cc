#include "scenarios/event_lines.h"

#include <span>

#include "properties/history.h"

namespace gregor::scenarios {
namespace {

std::int64_t us_of(MonotonicTime at) {
  return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
}

std::string text_of(std::span<const NodeId> nodes) {
  std::string text;
  for (const NodeId node : nodes) text += (text.empty() ? "" : ",") + std::to_string(node.value());
  return text;
}

}  // namespace

void EventLines::tell(MonotonicTime at, const std::string& node, const observe::Event& event) {
  if (log_ == nullptr) return;
  if (const auto* change = std::get_if<observe::PartitionChanged>(&event)) {
    const auto [told, is_new] = partition_epochs_.try_emplace(change->partition, -1);
    if (change->partition_epoch <= told->second) return;
    told->second = change->partition_epoch;
    log_->info("run.partition", {{"at_us", us_of(at)},
                                 {"partition", properties::to_text(change->partition)},
                                 {"epoch", change->partition_epoch},
                                 {"leader", change->leader.value()},
                                 {"leader_epoch", change->leader_epoch.value()},
                                 {"replicas", text_of(change->replicas)},
                                 {"isr", text_of(change->isr)},
                                 {"elr", text_of(change->eligible_leader_replicas)}});
  } else if (const auto* began = std::get_if<observe::LeadershipBegan>(&event)) {
    log_->info("run.leads", {{"at_us", us_of(at)},
                             {"node", node},
                             {"partition", properties::to_text(began->partition)},
                             {"leader_epoch", began->epoch.value()}});
  } else if (const auto* opened = std::get_if<observe::LogOpened>(&event)) {
    log_->info("run.opened", {{"at_us", us_of(at)},
                              {"node", node},
                              {"partition", properties::to_text(opened->partition)},
                              {"log_start", opened->log_start.value()},
                              {"log_end", opened->log_end.value()}});
  } else if (const auto* moved = std::get_if<observe::LogMoved>(&event)) {
    log_->info("run.moved", {{"at_us", us_of(at)},
                             {"node", node},
                             {"partition", properties::to_text(moved->partition)},
                             {"folder", moved->folder}});
  } else if (const auto* damaged = std::get_if<observe::CopyDamaged>(&event)) {
    log_->info("run.damaged", {{"at_us", us_of(at)},
                               {"node", node},
                               {"partition", properties::to_text(damaged->partition)},
                               {"from", damaged->from.value()}});
  } else if (const auto* cut = std::get_if<observe::LogTruncated>(&event)) {
    log_->info("run.truncated", {{"at_us", us_of(at)},
                                 {"node", node},
                                 {"partition", properties::to_text(cut->partition)},
                                 {"to", cut->to.value()}});
  } else if (const auto* anew = std::get_if<observe::LogBegunAnew>(&event)) {
    log_->info("run.begun_anew", {{"at_us", us_of(at)},
                                  {"node", node},
                                  {"partition", properties::to_text(anew->partition)},
                                  {"at", anew->at.value()}});
  } else if (const auto* elected = std::get_if<observe::QuorumLeaderElected>(&event)) {
    log_->info("run.controller", {{"at_us", us_of(at)}, {"node", node}, {"epoch", elected->epoch.value()}});
  } else if (std::holds_alternative<observe::NodeReady>(event)) {
    log_->info("run.ready", {{"at_us", us_of(at)}, {"node", node}});
  }
}

void EventLines::tell(MonotonicTime at, const std::string& node, const Fault& fault, bool is_legal) {
  if (log_ == nullptr) return;
  log_->info("run.fault", {{"at_us", us_of(at)},
                           {"node", node},
                           {"kind", std::string(name_of(fault.kind))},
                           {"lasts_ms", fault.lasts.count()},
                           {"amount", fault.amount},
                           {"struck", is_legal ? "yes" : "no: over the fault budget"}});
}

}  // namespace gregor::scenarios

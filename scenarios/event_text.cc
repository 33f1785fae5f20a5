#include "scenarios/event_text.h"

#include "properties/history.h"

namespace gregor::scenarios {
namespace {

using properties::to_text;

std::string reach(Offset base, Offset last) {
  return std::to_string(base.value()) + ".." + std::to_string(last.value());
}

std::string nodes_listed(std::span<const NodeId> nodes) {
  std::string text;
  for (const NodeId node : nodes) text += (text.empty() ? "" : ", ") + std::to_string(node.value());
  return "[" + text + "]";
}

/// Says each event in a few words.
struct Teller {
  std::string operator()(const observe::LogOpened& event) const {
    return "opened " + to_text(event.partition) + " with [" + std::to_string(event.log_start.value()) + ", " +
           std::to_string(event.log_end.value()) + ")" +
           (event.bytes_truncated > 0 ? ", cutting " + std::to_string(event.bytes_truncated) + " bytes off" : "");
  }
  std::string operator()(const observe::BatchAppended& event) const {
    return "appended " + reach(event.base, event.last) + " to " + to_text(event.partition) + " in epoch " +
           std::to_string(event.epoch.value());
  }
  std::string operator()(const observe::LogTruncated& event) const {
    return "truncated " + to_text(event.partition) + " to " + std::to_string(event.to.value());
  }
  std::string operator()(const observe::LogBegunAnew& event) const {
    return "dropped all of " + to_text(event.partition) + " and goes on at " + std::to_string(event.at.value());
  }
  std::string operator()(const observe::PartitionRemoved& event) const {
    return "learned that " + to_text(event.partition) + " is gone";
  }
  std::string operator()(const observe::LogFlushed& event) const {
    return "flushed " + to_text(event.partition) + " up to " + std::to_string(event.offset.value());
  }
  std::string operator()(const observe::HighWatermarkMoved& event) const {
    return "moved the high watermark of " + to_text(event.partition) + " to " + std::to_string(event.to.value());
  }
  std::string operator()(const observe::LogStartMoved& event) const {
    return "moved the log start of " + to_text(event.partition) + " to " + std::to_string(event.to.value());
  }
  std::string operator()(const observe::SegmentsCompacted& event) const {
    return "compacted [" + std::to_string(event.begin.value()) + ", " + std::to_string(event.end.value()) + ") of " +
           to_text(event.partition);
  }
  std::string operator()(const observe::ProduceAcknowledged& event) const {
    return "acknowledged " + reach(event.base, event.last) + " of " + to_text(event.partition) +
           (event.duplicate ? " again" : "") + " for acks=" + std::to_string(event.acks);
  }
  std::string operator()(const observe::FetchAnswered& event) const {
    return "answered a fetch of " + to_text(event.partition) + " from " + std::to_string(event.from.value()) + " to " +
           std::to_string(event.end.value()) + ", high watermark " + std::to_string(event.high_watermark.value());
  }
  std::string operator()(const observe::LeadershipBegan& event) const {
    return "leads " + to_text(event.partition) + " in epoch " + std::to_string(event.epoch.value());
  }
  std::string operator()(const observe::PartitionChanged& event) const {
    return "learned of " + to_text(event.partition) + ": leader " + std::to_string(event.leader.value()) +
           " in epoch " + std::to_string(event.leader_epoch.value()) + ", ISR " + nodes_listed(event.isr) +
           (event.eligible_leader_replicas.empty() ? "" : ", ELR " + nodes_listed(event.eligible_leader_replicas));
  }
  std::string operator()(const observe::QuorumLeaderElected& event) const {
    return "became the active controller in epoch " + std::to_string(event.epoch.value());
  }
  std::string operator()(const observe::VotersNamed& event) const {
    std::vector<NodeId> nodes;
    for (const observe::NamedVoter& voter : event.voters) nodes.push_back(voter.node);
    return "knows as voters " + nodes_listed(nodes) + " by " + std::to_string(event.offset.value());
  }
  std::string operator()(const observe::MetadataApplied& event) const {
    return "applied metadata up to " + std::to_string(event.offset.value());
  }
  std::string operator()(const observe::LogDirectoryFailed& event) const {
    return "lost log directory " + event.directory;
  }
  std::string operator()(const observe::CopyDamaged& event) const {
    return "found its copy of " + to_text(event.partition) + " damaged from " + std::to_string(event.from.value()) +
           " on";
  }
  std::string operator()(const observe::LogMoved& event) const {
    return "moved " + to_text(event.partition) + " to " + event.folder;
  }
  std::string operator()(const observe::NodeReady&) const { return "is ready"; }
};

}  // namespace

std::string sentence_of(const observe::Event& event) {
  return std::visit(Teller{}, event);
}

}  // namespace gregor::scenarios

// What a group machine shows to logs, metrics and checkers.
#include <sstream>
#include <utility>

#include "group/machine_body.h"

namespace gregor::group {
namespace {

/// What a record of the group holds, in one line. The protocol's metadata of other protocols than the chosen one is not
/// stored.
std::string stored_line(const ClassicGroup& group) {
  std::ostringstream line;
  line << name_of(group.state) << " generation " << group.generation << " type " << group.protocol_type.value_or("-")
       << " protocol " << group.protocol.value_or("-") << " leader " << group.leader.value_or("-");
  for (const auto& [id, member] : group.members) {
    const ByteBuffer* metadata = group.protocol ? member.metadata_for(*group.protocol) : nullptr;
    line << " [" << id << ' ' << member.group_instance_id.value_or("-") << ' ' << member.client_id << ' '
         << member.client_host << ' ' << member.rebalance_timeout.count() << ' ' << member.session_timeout.count()
         << ' ' << (metadata == nullptr ? "-" : text_of(*metadata)) << ' ' << text_of(member.assignment) << ']';
  }
  return line.str();
}

std::string offset_line(const StoredOffset& stored) {
  std::ostringstream line;
  line << stored.offset.value() << " epoch " << stored.leader_epoch.value() << " metadata " << stored.metadata << " at "
       << stored.commit_time.ms << " until " << (stored.expire_time ? stored.expire_time->ms : -1) << " topic "
       << stored.topic_id.to_text();
  return line.str();
}

std::string group_difference(const ClassicGroup& own, const ClassicGroup* other) {
  const bool is_settled = own.state == GroupState::empty || own.state == GroupState::stable;
  if (other == nullptr) return "group " + own.group_id + " is not there";
  if (!is_settled) {
    return other->generation <= own.generation
               ? ""
               : "group " + own.group_id + " is ahead at generation " + std::to_string(other->generation);
  }
  const std::string left = stored_line(own);
  const std::string right = stored_line(*other);
  return left == right ? "" : "group " + own.group_id + " is " + right + ", not " + left;
}

std::string leader_fault(const ClassicGroup& group) {
  const bool has_generation = group.state == GroupState::completing_rebalance || group.state == GroupState::stable;
  if (!has_generation) return "";
  if (group.members.empty()) return group.group_id + " has a generation without members";
  if (!group.leader || !group.has(*group.leader)) return group.group_id + " is led by a stranger";
  for (const auto& [id, member] : group.members) {
    if (!group.protocol || member.metadata_for(*group.protocol) == nullptr)
      return group.group_id + ": " + id + " does not speak the protocol";
  }
  return "";
}

std::string count_fault(const ClassicGroup& group) {
  std::size_t waiting = 0;
  std::size_t statics = 0;
  std::map<std::string, std::size_t, std::less<>> supporters;
  for (const auto& [id, member] : group.members) {
    if (id != member.member_id) return group.group_id + ": " + id + " holds " + member.member_id;
    waiting += member.awaiting_join ? 1 : 0;
    statics += member.is_static() ? 1 : 0;
    std::set<std::string> names;
    for (const Protocol& protocol : member.protocols) names.insert(protocol.name);
    for (const std::string& name : names) ++supporters[name];
    if (!member.is_static()) continue;
    const auto holder = group.static_members.find(*member.group_instance_id);
    if (holder == group.static_members.end() || holder->second != id)
      return group.group_id + ": " + id + " is not its instance's member";
  }
  if (waiting != group.awaiting_joins) return group.group_id + " miscounts who waits";
  if (statics != group.static_members.size()) return group.group_id + " has instances without members";
  if (supporters != group.supporters) return group.group_id + " miscounts protocols";
  for (const std::string& id : group.pending_joins) {
    if (group.has(id)) return group.group_id + ": " + id + " is pending and a member";
  }
  for (const std::string& id : group.pending_syncs) {
    if (!group.has(id)) return group.group_id + " waits for the sync of a stranger";
  }
  return "";
}

}  // namespace

GroupMachine::Counts GroupMachine::counts() const {
  Counts counts{.groups = body_->groups.size(), .offsets = body_->offsets.size(), .rebalances = body_->rebalances};
  for (const auto& [id, group] : body_->groups) {
    switch (group.state) {
      case GroupState::empty:
        ++counts.empty;
        break;
      case GroupState::preparing_rebalance:
        ++counts.preparing_rebalance;
        break;
      case GroupState::completing_rebalance:
        ++counts.completing_rebalance;
        break;
      case GroupState::stable:
        ++counts.stable;
        break;
    }
    counts.members += group.members.size();
    for (const auto& [member_id, member] : group.members) {
      counts.parked += (member.awaiting_join ? 1U : 0U) + (member.awaiting_sync ? 1U : 0U);
    }
  }
  return counts;
}

const std::map<std::string, std::uint64_t>& GroupMachine::other_records() const {
  return body_->others.records();
}

std::string GroupMachine::difference_from(const GroupMachine& reloaded) const {
  const Body& other = *reloaded.body_;
  for (const auto& [id, group] : body_->groups) {
    if (std::string difference = group_difference(group, other.find(id)); !difference.empty()) return difference;
  }
  for (const auto& [id, group] : other.groups) {
    if (body_->find(id) == nullptr) return "group " + id + " is there";
  }
  const auto lines_of = [](const OffsetTable& offsets) {
    std::map<std::string, std::string> lines;
    for (const auto& [group, topics] : offsets.all()) {
      for (const auto& [topic, partitions] : topics) {
        for (const auto& [partition, entry] : partitions) {
          lines[group + ' ' + topic + '-' + std::to_string(partition.value())] = offset_line(entry.stored);
        }
      }
    }
    return lines;
  };
  const auto own_lines = lines_of(body_->offsets);
  const auto other_lines = lines_of(other.offsets);
  for (const auto& [name, line] : own_lines) {
    const auto found = other_lines.find(name);
    if (found == other_lines.end()) return name + " has no offset";
    if (found->second != line) return name + " is " + found->second + ", not " + line;
  }
  for (const auto& [name, line] : other_lines) {
    if (!own_lines.contains(name)) return name + " has an offset: " + line;
  }
  return "";
}

std::string GroupMachine::broken_invariant() const {
  for (const auto& [id, group] : body_->groups) {
    if (std::string fault = leader_fault(group); !fault.empty()) return fault;
    if (std::string fault = count_fault(group); !fault.empty()) return fault;
  }
  return "";
}

}  // namespace gregor::group

#include "group/classic_group.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mutant.h"
#include "wire/consumer_protocol.h"
#include "wire/record_frame.h"

namespace gregor::group {
namespace {

/// Topics of a ConsumerProtocolSubscription of any version: they stand first, and have not moved since version 0.
std::optional<std::vector<std::string>> subscribed_in(Bytes metadata) {
  wire::Reader from(metadata);
  if (!wire::decode_prefix(from)) return std::nullopt;
  wire::ConsumerProtocolSubscription subscription;
  if (!wire::decode(from, subscription, 0)) return std::nullopt;
  return std::vector<std::string>(subscription.topics.begin(), subscription.topics.end());
}

}  // namespace

std::string_view name_of(GroupState state) {
  switch (state) {
    case GroupState::empty:
      return "Empty";
    case GroupState::preparing_rebalance:
      return "PreparingRebalance";
    case GroupState::completing_rebalance:
      return "CompletingRebalance";
    case GroupState::stable:
      return "Stable";
  }
  return "Unknown";
}

const ByteBuffer* Member::metadata_for(std::string_view protocol) const {
  const auto found =
      std::find_if(protocols.begin(), protocols.end(), [&](const Protocol& own) { return own.name == protocol; });
  return found == protocols.end() ? nullptr : &found->metadata;
}

Member* ClassicGroup::find(std::string_view member_id) {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

const Member* ClassicGroup::find(std::string_view member_id) const {
  const auto found = members.find(member_id);
  return found == members.end() ? nullptr : &found->second;
}

bool ClassicGroup::is_subscribed_to(std::string_view topic) const {
  return subscribed_topics ? subscribed_topics->contains(topic) : speaks_consumer_protocol();
}

Milliseconds ClassicGroup::rebalance_timeout() const {
  Milliseconds longest{0};
  for (const auto& [id, member] : members) longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

ErrorCode ClassicGroup::check_member(std::string_view member_id, std::optional<std::string_view> instance_id) const {
  if (instance_id) {
    const auto holder = static_members.find(*instance_id);
    if (holder == static_members.end()) return ErrorCode::unknown_member_id;
    if (holder->second != member_id) return ErrorCode::fenced_instance_id;
  }
  return has(member_id) ? ErrorCode::none : ErrorCode::unknown_member_id;
}

bool ClassicGroup::supports(std::string_view type, std::span<const std::string_view> protocols) const {
  if (state == GroupState::empty) return !type.empty() && !protocols.empty();
  if (protocol_type != type) return false;
  return std::any_of(protocols.begin(), protocols.end(), [&](std::string_view name) {
    const auto found = supporters.find(name);
    return found != supporters.end() ? found->second == members.size() : members.empty();
  });
}

std::string ClassicGroup::select_protocol() const {
  CHECK(!members.empty());
  std::map<std::string_view, std::size_t> votes;
  for (const auto& [id, member] : members) {
    const auto favourite = std::find_if(member.protocols.begin(), member.protocols.end(), [&](const Protocol& own) {
      return supporters.find(own.name)->second == members.size();
    });
    if (favourite != member.protocols.end()) ++votes[favourite->name];
  }
  CHECK(!votes.empty());
  auto best = votes.begin();
  for (auto candidate = votes.begin(); candidate != votes.end(); ++candidate) {
    if (candidate->second > best->second) best = candidate;
  }
  return std::string(best->first);
}

void ClassicGroup::add(Member member, std::string_view type) {
  if (members.empty()) protocol_type = type;
  if (member.group_instance_id) static_members[*member.group_instance_id] = member.member_id;
  if (!leader) leader = member.member_id;
  if (member.awaiting_join) ++awaiting_joins;
  pending_joins.erase(member.member_id);
  const auto [place, added] = members.emplace(member.member_id, Member{});
  CHECK(added);
  std::vector<Protocol> protocols = std::exchange(member.protocols, {});
  place->second = std::move(member);
  set_protocols(place->second, std::move(protocols));
}

void ClassicGroup::remove(std::string_view named) {
  const std::string member_id(named);  // it may be the very text that goes
  if (const auto found = members.find(member_id); found != members.end()) {
    set_protocols(found->second, {});
    if (found->second.awaiting_join) --awaiting_joins;
    if (found->second.group_instance_id) static_members.erase(*found->second.group_instance_id);
    const bool led = is_leader(member_id);
    pending_syncs.erase(member_id);
    members.erase(found);
    if (led) leader = members.empty() ? std::nullopt : std::optional(members.begin()->first);
  }
  pending_joins.erase(member_id);
}

void ClassicGroup::set_protocols(Member& member, std::vector<Protocol> protocols) {
  const auto names_of = [](const std::vector<Protocol>& own) {
    std::set<std::string> names;
    for (const Protocol& each : own) names.insert(each.name);
    return names;
  };
  for (const std::string& name : names_of(member.protocols)) {
    const auto found = supporters.find(name);
    if (--found->second == 0) supporters.erase(found);
  }
  member.protocols = std::move(protocols);
  for (const std::string& name : names_of(member.protocols)) ++supporters[name];
}

void ClassicGroup::park_join(Member& member, Token token) {
  if (!member.awaiting_join) ++awaiting_joins;
  member.awaiting_join = token;
}

std::optional<Token> ClassicGroup::take_join(Member& member) {
  if (member.awaiting_join) --awaiting_joins;
  return std::exchange(member.awaiting_join, std::nullopt);
}

Member& ClassicGroup::rename_static(const std::string& old_member_id, const std::string& new_member_id) {
  auto node = members.extract(old_member_id);
  CHECK(!node.empty() && !node.mapped().awaiting_join && !node.mapped().awaiting_sync);
  node.key() = new_member_id;
  node.mapped().member_id = new_member_id;
  node.mapped().is_new = false;
  static_members[*node.mapped().group_instance_id] = new_member_id;
  if (is_leader(old_member_id)) leader = new_member_id;
  if (pending_syncs.erase(old_member_id) > 0) pending_syncs.insert(new_member_id);
  return members.insert(std::move(node)).position->second;
}

bool ClassicGroup::elect_joined_leader() {
  if (const Member* current = leader ? find(*leader) : nullptr; current != nullptr && current->awaiting_join)
    return true;
  for (const auto& [id, member] : members) {
    if (!member.awaiting_join) continue;
    leader = id;
    return true;
  }
  return false;
}

void ClassicGroup::enter(GroupState next, WallTime now) {
  previous_state = state;
  state = next;
  state_timestamp = now;
}

void ClassicGroup::begin_generation(WallTime now) {
  if (!MUTANT(generation_stands_still)) ++generation;
  pending_syncs.clear();
  if (members.empty()) {
    protocol.reset();
    leader.reset();
    enter(GroupState::empty, now);
  } else {
    protocol = select_protocol();
    enter(GroupState::completing_rebalance, now);
  }
  note_subscriptions();
}

void ClassicGroup::note_subscriptions() {
  subscribed_topics.reset();
  if (!speaks_consumer_protocol()) return;
  std::set<std::string, std::less<>> topics;
  for (const auto& [id, member] : members) {
    const ByteBuffer* metadata = protocol ? member.metadata_for(*protocol) : nullptr;
    const auto subscribed = metadata == nullptr ? std::nullopt : subscribed_in(*metadata);
    if (!subscribed) return;
    topics.insert(subscribed->begin(), subscribed->end());
  }
  subscribed_topics = std::move(topics);
}

}  // namespace gregor::group

// ClassicGroup: one group's members, generation and choice of protocol: the rules that need neither time nor answers.
// What follows from them (timers, records, who is told) is the machine's business.
//
// Invariants: machine.h's I1 to I3, and
//   I7  awaiting_joins is the number of members with a parked JoinGroup;
//   I8  supporters counts, for each protocol name, the members that can speak it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "group/outcome.h"

namespace gregor::group {

enum class GroupState : std::uint8_t { empty, preparing_rebalance, completing_rebalance, stable };
/// Kafka's word: "PreparingRebalance".
std::string_view name_of(GroupState state);

/// The protocol type of Kafka's own consumers: only of theirs do we read subscriptions.
inline constexpr std::string_view kConsumerProtocolType = "consumer";

struct Protocol {
  std::string name = {};
  ByteBuffer metadata = {};
  bool operator==(const Protocol&) const = default;
};

struct Member {
  std::string member_id = {};
  std::optional<std::string> group_instance_id = {};
  std::string client_id = {};
  std::string client_host = {};
  Milliseconds rebalance_timeout{0};
  Milliseconds session_timeout{0};
  std::vector<Protocol> protocols = {};  ///< the member's favourite first
  ByteBuffer assignment = {};
  std::optional<Token> awaiting_join = {};
  std::optional<Token> awaiting_sync = {};
  bool is_new = false;  ///< joined, and no rebalance has completed since

  [[nodiscard]] bool is_static() const { return group_instance_id.has_value(); }
  /// None where the member does not speak it.
  [[nodiscard]] const ByteBuffer* metadata_for(std::string_view protocol) const;
  /// A parked request keeps a member alive, unless it never joined before: then its client may be long gone.
  [[nodiscard]] bool is_kept_by_waiting() const { return !is_new && (awaiting_join || awaiting_sync); }
};

struct ClassicGroup {
  std::string group_id = {};
  GroupState state = GroupState::empty;
  GroupState previous_state = GroupState::empty;
  std::int32_t generation = 0;
  std::optional<std::string> protocol_type = {};
  std::optional<std::string> protocol = {};
  std::optional<std::string> leader = {};
  std::optional<WallTime> state_timestamp = {};
  std::map<std::string, Member, std::less<>> members = {};
  std::map<std::string, std::string, std::less<>> static_members = {};  ///< instance id to member id
  std::set<std::string, std::less<>> pending_joins = {};                ///< ids given out, not used yet (KIP-394)
  std::set<std::string, std::less<>> pending_syncs = {};  ///< members of this generation that did not sync
  std::optional<std::set<std::string, std::less<>>> subscribed_topics = {};  ///< none: unknown, or no consumers
  std::map<std::string, std::size_t, std::less<>> supporters = {};           ///< by protocol name
  std::size_t awaiting_joins = 0;
  bool new_member_added = false;  ///< while the first rebalance is held back
  Milliseconds initial_delay{0};  ///< the delay now running, and what may be added to it
  Milliseconds initial_remaining{0};

  [[nodiscard]] Member* find(std::string_view member_id);
  [[nodiscard]] const Member* find(std::string_view member_id) const;
  [[nodiscard]] bool has(std::string_view member_id) const { return members.contains(member_id); }
  [[nodiscard]] bool is_leader(std::string_view member_id) const { return leader && *leader == member_id; }
  [[nodiscard]] bool is_pending(std::string_view member_id) const { return pending_joins.contains(member_id); }
  [[nodiscard]] bool all_joined() const { return members.size() == awaiting_joins && pending_joins.empty(); }
  [[nodiscard]] bool speaks_consumer_protocol() const { return protocol_type == kConsumerProtocolType; }
  [[nodiscard]] bool is_subscribed_to(std::string_view topic) const;
  /// The longest of its members'; never negative.
  [[nodiscard]] Milliseconds rebalance_timeout() const;

  /// UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, none.
  [[nodiscard]] ErrorCode check_member(std::string_view member_id, std::optional<std::string_view> instance_id) const;
  /// May a member that speaks these join?
  [[nodiscard]] bool supports(std::string_view type, std::span<const std::string_view> protocols) const;
  /// The protocol most members vote for among those that all speak; of equals the first by name. Requires members.
  [[nodiscard]] std::string select_protocol() const;

  /// The first member gives the group its type.
  void add(Member member, std::string_view type);
  void remove(std::string_view member_id);
  void set_protocols(Member& member, std::vector<Protocol> protocols);
  void park_join(Member& member, Token token);
  /// The parked JoinGroup of the member, no longer parked; none when there was none.
  std::optional<Token> take_join(Member& member);
  /// The same member under another id, at the place of its old self. Requires that nothing is parked for it.
  Member& rename_static(const std::string& old_member_id, const std::string& new_member_id);
  /// A leader that joined this time, if need be a new one. False: nobody joined.
  bool elect_joined_leader();
  void enter(GroupState next, WallTime now);
  /// The next generation, of those who are members now.
  void begin_generation(WallTime now);
  /// Reads the members' subscriptions anew.
  void note_subscriptions();
};

}  // namespace gregor::group

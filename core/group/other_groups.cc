#include "group/other_groups.h"

#include <type_traits>
#include <variant>

namespace gregor::group {
namespace {

enum class Role { group, member, detail };

template <class Key>
constexpr Role role_of() {
  using namespace wire;
  if constexpr (std::is_same_v<Key, ConsumerGroupMetadataKey> || std::is_same_v<Key, ShareGroupMetadataKey> ||
                std::is_same_v<Key, StreamsGroupMetadataKey>) {
    return Role::group;
  } else if constexpr (std::is_same_v<Key, ConsumerGroupMemberMetadataKey> ||
                       std::is_same_v<Key, ShareGroupMemberMetadataKey> ||
                       std::is_same_v<Key, StreamsGroupMemberMetadataKey>) {
    return Role::member;
  } else {
    return Role::detail;
  }
}

std::string_view type_in(std::string_view record_name) {
  if (record_name.starts_with("Consumer")) return "consumer";
  return record_name.starts_with("Share") ? "share" : "streams";
}

}  // namespace

std::string_view OtherGroups::note(const wire::GroupRecordKey& key, bool has_value) {
  std::string_view appeared;
  std::visit(
      [&]<class Key>(const Key& known) {
        ++records_[Key::kName];
        if constexpr (requires { known.group_id; }) {
          constexpr Role role = role_of<Key>();
          const auto at = groups_.find(known.group_id);
          if (!has_value) {
            if (at == groups_.end()) return;
            if constexpr (role == Role::group) groups_.erase(at);
            if constexpr (role == Role::member) at->second.members.erase(std::string(known.member_id));
            return;
          }
          const auto there = at != groups_.end() ? at : groups_.emplace(known.group_id, Group{}).first;
          there->second.type = type_in(Key::kName);
          if constexpr (role == Role::member) there->second.members.emplace(known.member_id);
          appeared = there->first;
        }
      },
      key);
  return appeared;
}

bool OtherGroups::contains(std::string_view group_id) const {
  return groups_.contains(group_id);
}

}  // namespace gregor::group

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
        if constexpr (role_of<Key>() == Role::group) {
          if (!has_value) {
            groups_.erase(std::string(known.group_id));
            return;
          }
          const auto at = groups_.try_emplace(std::string(known.group_id)).first;
          at->second.type = type_in(Key::kName);
          at->second.is_there = true;
          appeared = at->first;
        } else if constexpr (role_of<Key>() == Role::member) {
          if (has_value) {
            groups_[std::string(known.group_id)].members.emplace(known.member_id);
          } else if (const auto at = groups_.find(known.group_id); at != groups_.end()) {
            at->second.members.erase(std::string(known.member_id));
          }
        }
      },
      key);
  return appeared;
}

bool OtherGroups::contains(std::string_view group_id) const {
  const auto at = groups_.find(group_id);
  return at != groups_.end() && at->second.is_there;
}

}  // namespace gregor::group

// OtherGroups: groups of types that this coordinator does not run (KIP-848, share, streams), as a Kafka left them in
// the log: which there are, whether they had members, and how many records of each type. Kept apart so that nothing of
// theirs is changed, and so that their ids are not taken by classic groups.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "wire/group_records.h"

namespace gregor::group {

class OtherGroups {
 public:
  struct Group {
    std::string type;                            ///< consumer, share, streams
    std::set<std::string, std::less<>> members;  ///< by the records
  };

  /// A record of a newer type; `has_value` is false for a tombstone. Any value makes its group be there, the tombstone
  /// of the group's own metadata ends it. Gives the id of a group that this record shows to be there.
  std::string_view note(const wire::GroupRecordKey& key, bool has_value);
  [[nodiscard]] bool contains(std::string_view group_id) const;
  /// By id.
  [[nodiscard]] const std::map<std::string, Group, std::less<>>& groups() const { return groups_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& records() const { return records_; }

 private:
  std::map<std::string, Group, std::less<>> groups_;
  std::map<std::string, std::uint64_t> records_;  ///< by the key's name
};

}  // namespace gregor::group

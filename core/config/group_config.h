// Settings of a group (KIP-1071, KIP-848, KIP-932): which values a group may have, within the bounds that the broker
// sets. Pure. Nothing obeys them before the groups that they are for are built.
#pragma once

#include "base/result.h"
#include "config/setting_map.h"

namespace gregor::config {

/// `group` are all settings of one group, `broker` the broker's in force. Errors: invalid, in a sentence.
Result<void> check_group_config(const SettingMap& group, const SettingMap& broker);

}  // namespace gregor::config

// SettingMap: settings of one level as text, by name: of a file, a topic, a broker, the cluster.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace gregor::config {

using SettingMap = std::map<std::string, std::string, std::less<>>;

}  // namespace gregor::config

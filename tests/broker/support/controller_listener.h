// A node that serves controllers too, and a peer of that listener.
#pragma once

#include "tests/broker/support/node_world.h"

namespace gregor::broker::test {

inline constexpr std::uint16_t kControllerPort = 9093;

inline Settings with_controller_listener(Settings more = {}) {
  Settings settings = {{"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

inline Peer connect_to_controller(const Client& client) {
  return {client.self, client.shard, {"10.0.0.1", kControllerPort}};
}

}  // namespace gregor::broker::test

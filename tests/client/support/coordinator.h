// A coordinator of one group, "g", that says what the test wants.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "client/range_assignor.h"
#include "tests/client/support/script_broker.h"
#include "wire/api_keys.h"
#include "wire/find_coordinator.h"
#include "wire/heartbeat.h"
#include "wire/join_group.h"
#include "wire/sync_group.h"

namespace gregor::client::test {

/// Answers FindCoordinator with itself and everything else with the next error of its script, none when it is at its
/// end.
class Coordinator {
 public:
  void serve(Line& line) {
    line.greet(5);
    while (const auto asked = line.next()) {
      asked_.push_back(asked->header.request_api_key);
      answer(line, *asked);
    }
  }
  std::deque<wire::ErrorCode> joins;
  std::deque<wire::ErrorCode> syncs;
  std::deque<wire::ErrorCode> beats;
  [[nodiscard]] std::size_t count(wire::ApiKey key) const {
    return static_cast<std::size_t>(std::count(asked_.begin(), asked_.end(), static_cast<std::int16_t>(key)));
  }

 private:
  static std::int16_t next(std::deque<wire::ErrorCode>& script) {
    if (script.empty()) return 0;
    const wire::ErrorCode code = script.front();
    script.pop_front();
    return wire::wire_code(code);
  }
  void answer(Line& line, const AskedFrame& asked) {
    switch (static_cast<wire::ApiKey>(asked.header.request_api_key)) {
      case wire::ApiKey::find_coordinator: {
        wire::FindCoordinatorResponse response;
        response.coordinators = {{.key = "g", .node_id = 1, .host = "10.0.0.1", .port = kScriptPort}};
        return line.answer(asked, response);
      }
      case wire::ApiKey::join_group: {
        wire::JoinGroupResponse response;
        response.error_code = next(joins);
        response.generation_id = 7;
        response.protocol_name = "range";
        response.leader = "somebody-else";
        response.member_id = "me";
        return line.answer(asked, response);
      }
      case wire::ApiKey::sync_group: {
        const ByteBuffer assignment = encode_assignment({{"t", {3}}});
        wire::SyncGroupResponse response;
        response.error_code = next(syncs);
        response.assignment = Bytes(assignment);
        return line.answer(asked, response);
      }
      default: {
        wire::HeartbeatResponse response;
        response.error_code = next(beats);
        return line.answer(asked, response);
      }
    }
  }
  std::vector<std::int16_t> asked_;
};

}  // namespace gregor::client::test

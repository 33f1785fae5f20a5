// BrokerHeartbeats: when the active controller last heard of each broker and how far that broker's image reaches. Soft
// state: it is in no log, and a controller that becomes active gives every broker a whole session.
//
// Promises: only contact with the registered epoch renews a session; decisions over it are pure functions of the book,
// the image and the time handed in. Never reads a clock, never writes.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "metadata/broker_requests.h"
#include "metadata/election_rules.h"
#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// What a heartbeat comes to. BrokerHeartbeats::took() follows when its records are committed.
struct HeartbeatDecision {
  RecordList records = {};
  bool is_caught_up = false;
  bool is_fenced = true;
  bool is_shutting_down = false;  ///< its leaderships move, and it serves until the others know
  bool should_shut_down = false;
};

class BrokerHeartbeats {
 public:
  explicit BrokerHeartbeats(Milliseconds session_timeout) : session_timeout_(session_timeout) {}

  /// This controller became active: all that are registered are taken as heard of now.
  void begin(const Image& image, MonotonicTime now);
  /// A registration was committed.
  void registered(NodeId broker, BrokerEpoch epoch, MonotonicTime now);
  /// A heartbeat was decided and its records are committed, the last one at `last_record` (the log's end where it had
  /// none).
  void took(const BrokerHeartbeat& heartbeat, const HeartbeatDecision& decision, Offset last_record, MonotonicTime now);
  /// Its process is known to be gone (its connections closed and its port refuses): the session ends now. The broker is
  /// found expired, and may come back under the same id at once.
  void lost(NodeId broker);
  void forget(NodeId broker) { contacts_.erase(broker); }

  /// An unfenced broker of that epoch that was heard of within the session timeout.
  [[nodiscard]] bool has_session(const Image& image, NodeId broker, MonotonicTime now) const;
  /// When that life of the broker was last heard of; none where it never was.
  [[nodiscard]] std::optional<MonotonicTime> last_heard(const BrokerRegistration& broker) const;
  /// Unfenced brokers without session, the one longest silent first.
  [[nodiscard]] std::vector<NodeId> expired(const Image& image, MonotonicTime now) const;
  /// When the next session may end; none where nobody has one.
  [[nodiscard]] std::optional<MonotonicTime> next_expiry(const Image& image) const;
  /// Of the last record that began its controlled shutdown; none where it does not leave.
  [[nodiscard]] std::optional<Offset> shutdown_offset(NodeId broker) const;
  /// What every active broker's image holds at least; the greatest offset where nobody is active.
  [[nodiscard]] Offset lowest_active_offset(const Image& image) const;

 private:
  struct Contact {
    BrokerEpoch epoch{-1};
    MonotonicTime last = {};
    Offset metadata_offset = kNoOffset;
    Offset shutdown_offset = kNoOffset;
    bool is_lost = false;
  };
  /// Null where nothing was heard of the registered epoch.
  [[nodiscard]] const Contact* contact_of(const BrokerRegistration& broker) const;
  [[nodiscard]] bool is_expired(const BrokerRegistration& broker, MonotonicTime now) const;

  Milliseconds session_timeout_;
  std::map<NodeId, Contact> contacts_;
};

/// Fence, unfence, begin or end a controlled shutdown (KIP-631, KIP-841), and note directories that failed (KIP-858).
/// Errors: not_found, stale.
Result<HeartbeatDecision> decide_broker_heartbeat(const Image& image, const BrokerHeartbeats& book,
                                                  const ElectionRules& defaults, const BrokerHeartbeat& request);

/// Brokers whose sessions ended are fenced: none of them is elected in place of another, and what becomes of a
/// partition that several leave sees each of them go (KAFKA-13173). Those that are too many for one batch wait for the
/// next call.
struct ExpiredSessions {
  RecordList records = {};
  std::vector<NodeId> brokers = {};  ///< fenced by `records`
};
ExpiredSessions decide_expired_sessions(const Image& image, const BrokerHeartbeats& book, const ElectionRules& defaults,
                                        MonotonicTime now);

}  // namespace gregor::metadata

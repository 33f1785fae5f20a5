// What happened in a world, as one number: a rolling 128-bit hash over (event id, time, node, kind, payload checksum).
// Never over addresses or text. Equal runs have equal traces; unequal ones part at a kept value, 1,024 events wide.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/unique_function.h"
#include "sim/time.h"

namespace gregor::sim {

/// X(kind): what the world did. The order is part of the hash: add at the end.
// The formatter never settles on this list.
// clang-format off
#define GREGOR_SIM_EVENTS(X) \
  X(fiber_ran) X(timer_due) X(mail_delivered) X(socket_readable) X(socket_writable) X(connection_offered) \
  X(timer_expired) X(mail_arrived) X(syn_arrived) X(connect_answered) X(connect_timed_out) X(bytes_arrived) \
  X(end_of_stream_arrived) X(reset_arrived) X(link_changed) X(name_resolved) X(disk_finished) X(node_started) \
  X(node_stopped) X(node_crashed) X(node_lost_power) X(node_paused) X(node_resumed) X(clock_changed) \
  X(disk_survived) X(scheduled_call) X(stop_asked) X(sender_gave_up) X(connection_refused) X(halted)
// clang-format on

enum class EventKind : std::uint8_t {
#define GREGOR_SIM_ENUMERATOR(kind) kind,
  GREGOR_SIM_EVENTS(GREGOR_SIM_ENUMERATOR)
#undef GREGOR_SIM_ENUMERATOR
};
const char* name_of(EventKind kind);

/// The node number of events that are the world's own.
inline constexpr std::uint32_t kNoNode = 0xffffffff;

struct TraceEvent {
  std::uint64_t id = 0;  ///< from 1, without gaps
  SimTime time{};
  std::uint32_t node = kNoNode;
  std::uint32_t shard = 0;
  EventKind kind = EventKind::fiber_ran;
  std::uint64_t payload = 0;  ///< a checksum or a small number, by kind
};

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
  /// 32 hexadecimal digits.
  [[nodiscard]] std::string to_text() const;
};

/// A 64-bit checksum of bytes and their number, equal on every machine.
std::uint64_t checksum_of(Bytes bytes);

class Trace {
 public:
  static constexpr std::uint64_t kEventsPerMark = 1024;

  void record(SimTime time, std::uint32_t node, std::uint32_t shard, EventKind kind, std::uint64_t payload);
  [[nodiscard]] Hash128 hash() const { return hash_; }
  [[nodiscard]] std::uint64_t event_count() const { return event_count_; }
  [[nodiscard]] std::uint64_t count_of(EventKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  /// The rolling hash after each 1,024th event: bisect two runs with it, then listen to the part where they differ.
  [[nodiscard]] const std::vector<Hash128>& marks() const { return marks_; }
  /// Hears every event from now on; must change nothing.
  void listen(UniqueFunction<void(const TraceEvent&)> listener) { listener_ = std::move(listener); }

 private:
  static constexpr std::size_t kKindsMax = 64;
  Hash128 hash_{0x243f6a8885a308d3ULL, 0x13198a2e03707344ULL};
  std::uint64_t event_count_ = 0;
  std::array<std::uint64_t, kKindsMax> counts_{};
  std::vector<Hash128> marks_;
  UniqueFunction<void(const TraceEvent&)> listener_;
};

}  // namespace gregor::sim

// MessageDelays: Kafka messages of some kinds that arrive late at a node or from it, and what follows them on their
// connections with them, as TCP keeps the order. Whoever waits for an answer gives up, asks again on another link, and
// the old message arrives after the new one.
//
// Watches the connections of one node from the run's beginning, so that it knows where each message begins. Changes no
// byte and loses none.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>

#include "base/bytes.h"
#include "base/random.h"
#include "sim/network.h"
#include "sim/world.h"

namespace gregor::scenarios {

/// The heads of the frames of one direction, whatever pieces they come in.
class FrameHeads {
 public:
  /// Of each frame so many bytes behind its size are shown, fewer where it has fewer.
  explicit FrameHeads(std::size_t head_bytes) : head_bytes_(head_bytes) {}
  /// The head of the next frame that `bytes` complete; advances `bytes` behind it. Empty: they complete none.
  Bytes next(Bytes& bytes);

 private:
  static constexpr std::size_t kHeadMax = 8;
  std::size_t head_bytes_;
  std::array<std::byte, 4 + kHeadMax> begun_{};
  std::size_t begun_size_ = 0;
  std::uint64_t rest_ = 0;   ///< of the frame whose head was shown
  bool is_foreign_ = false;  ///< what passes is no sequence of frames
};

class MessageDelays final : public sim::PieceDelayer {
 public:
  /// Of `node`'s connections. Both outlive this.
  MessageDelays(sim::World& world, sim::NodeIndex node);
  ~MessageDelays() override;
  MessageDelays(const MessageDelays&) = delete;
  MessageDelays& operator=(const MessageDelays&) = delete;

  /// Of the exchanges of this API that begin from now on, a third have their request held until then, a third their
  /// answer. One time for each API: the later call counts.
  void hold(std::int16_t api_key, sim::SimTime until);
  /// Nothing more is held. What is held already arrives at its time.
  void end() { held_apis_.clear(); }

  Nanoseconds delay_of(const sim::Connection& connection, sim::Side from, Bytes bytes) override;

 private:
  static constexpr std::size_t kConnectionsMax = 4096;  ///< the oldest is forgotten
  static constexpr std::size_t kAnswersMax = 64;        ///< to be held, of a connection
  struct Seen {
    FrameHeads requests{8};
    FrameHeads answers{4};
    std::deque<std::pair<std::int32_t, sim::SimTime>> held_answers;  ///< by correlation id
  };
  Seen* seen_of(std::uint64_t connection);
  sim::SimTime begins(Bytes request_head, Seen& seen);
  static sim::SimTime answered(Bytes answer_head, Seen& seen);

  sim::World& world_;
  sim::NodeIndex node_;
  RandomStream random_;
  std::map<std::int16_t, sim::SimTime> held_apis_;
  std::map<std::uint64_t, Seen> seen_;  ///< by connection
  std::uint64_t forgotten_up_to_ = 0;
};

}  // namespace gregor::scenarios

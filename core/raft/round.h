// Round: the same request to several peers, each asked again until it answered or the round is dropped with the role
// that began it. Only an answer to the request that is under way counts (INVARIANTS 61).
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"
#include "raft/messages.h"

namespace gregor::raft {

class Round {
 public:
  enum class Answer : unsigned char { none, yes, no };
  struct Peer {
    VoterKey key;
    std::optional<RequestId> in_flight;
    MonotonicTime due;  ///< when to ask, or to ask again
    Answer answer = Answer::none;
  };

  Round() = default;
  /// All of `voters` but `self`, at once.
  Round(const VoterSet& voters, const VoterKey& self, MonotonicTime now);

  /// Who is to be asked now.
  [[nodiscard]] std::vector<VoterKey> due(MonotonicTime now) const;
  /// `key` was asked; if it does not answer it is asked again at `again_at`.
  void asked(const VoterKey& key, RequestId request, MonotonicTime again_at);
  /// False where `request` is not the one under way to `from`: it changes nothing.
  bool answered(RequestId request, NodeId from, Answer answer);
  /// The request will not be answered: the peer is asked again at `again_at`, if it is this round's.
  void failed(RequestId request, MonotonicTime again_at);
  /// `key` need not be asked (any more), or again only at `due`.
  void put_off(const VoterKey& key, MonotonicTime due);

  [[nodiscard]] std::size_t count(Answer answer) const;
  [[nodiscard]] const std::vector<Peer>& peers() const { return peers_; }
  /// kForever where everybody answered.
  [[nodiscard]] MonotonicTime next_due() const;

 private:
  Peer* find(const VoterKey& key);
  std::vector<Peer> peers_;
};

}  // namespace gregor::raft

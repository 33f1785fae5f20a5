#include "raft/round.h"

#include <algorithm>

#include "base/mutant.h"

namespace gregor::raft {

Round::Round(const VoterSet& voters, const VoterKey& self, MonotonicTime now) {
  for (const Voter& voter : voters) {
    if (!is_same_voter(voter.key, self)) peers_.push_back({voter.key, {}, now});
  }
}

std::vector<VoterKey> Round::due(MonotonicTime now) const {
  std::vector<VoterKey> keys;
  for (const Peer& peer : peers_) {
    if (peer.answer == Answer::none && peer.due <= now) keys.push_back(peer.key);
  }
  return keys;
}

Round::Peer* Round::find(const VoterKey& key) {
  const auto found = std::find_if(peers_.begin(), peers_.end(), [&](const Peer& peer) { return peer.key == key; });
  return found == peers_.end() ? nullptr : &*found;
}

void Round::asked(const VoterKey& key, RequestId request, MonotonicTime again_at) {
  if (Peer* peer = find(key)) {
    peer->in_flight = request;
    peer->due = again_at;
  }
}

bool Round::answered(RequestId request, NodeId from, Answer answer) {
  for (Peer& peer : peers_) {
    const bool is_this = peer.in_flight == request && peer.key.id == from && peer.answer == Answer::none;
    if (!is_this && !(MUTANT(vote_reply_of_another_round) && peer.key.id == from)) continue;
    peer.answer = answer;
    peer.in_flight.reset();
    return true;
  }
  return false;
}

void Round::failed(RequestId request, MonotonicTime again_at) {
  for (Peer& peer : peers_) {
    if (peer.in_flight != request) continue;
    peer.in_flight.reset();
    peer.due = again_at;
  }
}

void Round::put_off(const VoterKey& key, MonotonicTime due) {
  if (Peer* peer = find(key)) peer->due = std::max(peer->due, due);
}

std::size_t Round::count(Answer answer) const {
  return static_cast<std::size_t>(
      std::count_if(peers_.begin(), peers_.end(), [answer](const Peer& peer) { return peer.answer == answer; }));
}

MonotonicTime Round::next_due() const {
  MonotonicTime next = kForever;
  for (const Peer& peer : peers_) {
    if (peer.answer == Answer::none) next = std::min(next, peer.due);
  }
  return next;
}

}  // namespace gregor::raft

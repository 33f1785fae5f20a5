// What always holds of the quorum's machine, in one place. Checked after every input, in production too: it is a
// handful of comparisons a metadata batch.
//
//   I1  the epoch in memory is never behind the durable one, nor behind any epoch in the log;
//   I2  a candidate has voted for itself and for nobody else, and knows no leader;
//   I3  a leader has given no vote, and names itself; nobody else names itself, but who resigned;
//   I4  who leads has its epoch on disk: as a vote at first, as leadership before it appends;
//   I5  high watermark <= log end, flushed end <= log end, and no voter set stands beyond the log;
//   I6  a leader says that it has commits to tell only where a record of its own epoch is committed;
//   I7  a follower's state names its leader, another node, and no vote;
//   I8  who stands or leads may: its directory is not new.
#pragma once

#include <string>

namespace gregor::raft {

class Fsm;

/// The first invariant that does not hold ("I5: ..."), empty where all do.
std::string broken_invariant(const Fsm& fsm);
/// CHECKs that none is broken.
void check_invariants(const Fsm& fsm);

}  // namespace gregor::raft

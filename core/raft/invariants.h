// What always holds of the quorum's machine, in one place. Checked after every input, in production too: it is a
// handful of comparisons a metadata batch.
//
//   I1  the epoch in memory is never behind the durable one;
//   I2  a candidate has voted for itself and for nobody else, and knows no leader;
//   I3  a leader has given no vote, and names itself;
//   I4  who leads has its epoch on disk: as a vote at first, as leadership before it appends;
//   I5  high watermark <= flushed end <= log end;
//   I6  a high watermark is known only where a record of the leader's own epoch is committed.
#pragma once

#include <string>

namespace gregor::raft {

class Fsm;

/// The first invariant that does not hold ("I5: ..."), empty where all do.
std::string broken_invariant(const Fsm& fsm);
/// CHECKs that none is broken.
void check_invariants(const Fsm& fsm);

}  // namespace gregor::raft

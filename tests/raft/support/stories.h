// Short schedules without chance in their faults, each the one story that a rule is for.
#pragma once

#include "tests/raft/support/quorum_model.h"

namespace gregor::raft::model {

/// One voter of three that loses its link again and again, while the others are well: the leader stays (KIP-996).
std::string flapping_link(std::uint64_t seed);
/// A voter that hears everybody but the leader asks for votes again and again: the leader stays.
std::string one_cut_link(std::uint64_t seed);
/// A leader cut off from all others: it must not believe in itself for longer than check-quorum takes.
std::string leader_without_quorum(std::uint64_t seed);
/// Two voters are added by a leader that does not hear the others, who change the voters too (INVARIANTS 55).
std::string two_changes_at_once(std::uint64_t seed);

}  // namespace gregor::raft::model

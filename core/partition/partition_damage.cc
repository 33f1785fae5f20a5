// A copy that its disk has damaged: the partition gives it up where others have the records, and fetches again what it
// cut off. What the metadata says of the replica decides, so that nothing is cut that nobody else is known to hold.
//
//   found ── others are in sync: told to the controller as lost ── it leads no more, and left the ISR ── opened anew up
//   to the damage ── follows ── told to the controller where it lies
#include <algorithm>

#include "base/mutant.h"
#include "partition/partition.h"

namespace gregor::partition {

void Partition::note_damage(const Error& error, Offset from) {
  if (error.code != Errc::corrupt || closing_ || retiring_) return;
  const bool says_nothing_new = log_ && from == log_->log_start();
  const bool is_known = damage_ && (*damage_ <= from || says_nothing_new);
  if (is_known || !placement_) return;
  damage_ = from;
  damage_is_news_ = true;
  seat_.observer.on(observe::CopyDamaged{id_, from});
  seat_.log.error("partition.damaged",
                  {{"topic", id_.topic},
                   {"partition", id_.partition.value()},
                   {"from_offset", from.value()},
                   {"folder", placement_->folder},
                   {"error", error.text},
                   {"hint",
                    "check the disk; the records are fetched again where another replica is in sync, and "
                    "cannot be read where none is"}});
  follow_up_damage();
}

/// What the metadata says decides what comes next.
void Partition::follow_up_damage() {
  if (seat_.places != nullptr) seat_.places->on_place_changed();
  kick();
}

/// Durable, so that the next life looks, too. Tried again when the metadata changes.
void Partition::remember_damage(env::Fiber& self) {
  const auto noted = seat_.directories.note_damage(self, seat_.shard, placement_->directory, id_, *damage_);
  if (noted) return;
  seat_.log.warn("partition.damage_not_noted",
                 {{"topic", id_.topic}, {"partition", id_.partition.value()}, {"error", noted.error().text}});
  if (noted.error().code == Errc::io) fail(self, noted.error());
}

bool Partition::is_given_up() const {
  if (!damage_ || !state_known_ || is_mending_) return false;
  if (state_known_->leader == seat_.settings.node_id) return state_known_->isr.size() > 1;
  return state_known_->leader != kNoNodeId;
}

bool Partition::is_bearable(const Error& failure) const {
  const bool others_may_have_it = !seat_.settings.is_alone() || (state_known_ && state_known_->replicas.size() > 1);
  return (failure.code == Errc::corrupt && others_may_have_it) || seat_.directories.is_bearable(failure);
}

/// Another leads, and does not count on this copy.
bool Partition::may_mend() const {
  if (!damage_ || !state_known_ || closing_ || retiring_ || is_beyond_mending_) return false;
  if (MUTANT(damaged_copy_is_cut_at_once)) return stage_ == Stage::open && !role_is_pending();
  const bool is_usable = stage_ == Stage::open || (stage_ == Stage::failed && failure_->code == Errc::corrupt);
  const replica::PartitionState& known = *state_known_;
  const NodeId own = seat_.settings.node_id;
  const bool is_in_sync = std::find(known.isr.begin(), known.isr.end(), own) != known.isr.end();
  return is_usable && known.leader != kNoNodeId && known.leader != own && !is_in_sync;
}

/// The log is opened as after a crash: recovery keeps what is right up to the damage.
void Partition::mend(env::Fiber& self) {
  stop_copying(self);
  while (uses_ > 0) worked_.wait(self);
  if (!may_mend()) return;
  remember_damage(self);
  if (!may_mend()) return;
  seat_.log.info("partition.mending", {{"topic", id_.topic}, {"partition", id_.partition.value()}});
  refuse_queue(PartitionError::not_leader_or_follower);
  forget_log();
  is_mending_ = true;
}

void Partition::end_mending(const Result<void>& opened) {
  if (!is_mending_ || (!opened && opened.error().code == Errc::no_space)) return;
  is_mending_ = false;
  if (opened) {
    damage_.reset();
    seat_.directories.forget_damage(seat_.shard, id_);
    follow_up_damage();
  } else if (opened.error().code == Errc::corrupt) {
    // Not even what lies below can be opened: whoever runs the broker has to look.
    is_beyond_mending_ = *damage_ == Offset{0};
    damage_ = Offset{0};
  }
}

}  // namespace gregor::partition

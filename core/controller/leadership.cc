// From a leadership to decisions and back: what a controller does when it learns who leads the quorum.
#include "controller/bootstrap.h"
#include "controller/controller_state.h"
#include "metadata/metadata_version.h"
#include "wire/metadata_records.h"

namespace gregor::controller {

namespace {

constexpr Milliseconds kActivationRetry{1000};
/// Of metadata.version.
constexpr std::int16_t kTransactionsNeed = 13;

}  // namespace

QuorumLeader Controller::State::told_leader() const {
  return {.id = leadership.leader.value_or(NodeId{-1}), .epoch = leadership.epoch, .is_here = is_active()};
}

void Controller::State::publish_leader() {
  const QuorumLeader leader = told_leader();
  for (const auto& [feed, shard] : feeds) {
    home.mailbox.post(shard, [to = feed, leader] { to->show_leader(leader); });
  }
}

void Controller::State::on_leadership(const quorum::Leadership& told) {
  leadership = told;
  active_epoch.reset();
  publish_leader();
  duty_called.wake_all();
  // While the log is being opened, start() goes on from here.
  if (!told.is_ours || node == nullptr) return;
  home.fibers.spawn("controller.activate", [state = shared_from_this(), epoch = told.epoch](env::Fiber& self) {
    while (state->leads_in(epoch)) {
      const auto done = state->activate(self, epoch);
      if (done || done.error().code == Errc::closed) return;
      state->log.error("controller.activation_failed", {{"error", done.error().text}});
      env::sleep_for(self, state->home.clock, kActivationRetry);
    }
  });
}

Result<void> Controller::State::write_first_records(env::Fiber& self) {
  TRY_ASSIGN(auto values, node->bootstrap_values(self, bootstrap_records().values()));
  TRY(complete_bootstrap(values, config.topic_defaults.min_insync_replicas));
  if (!values.empty()) TRY(node->append(self, values));
  return {};
}

/// What a controller that died began and did not finish, nobody will: nothing of it is ever seen (KIP-868).
Result<void> Controller::State::abort_transaction(env::Fiber& self) {
  if (replay.image().feature_level(metadata::kMetadataVersion) < kTransactionsNeed) {
    return fail(Errc::unsupported,
                "the metadata log ends inside a transaction that its controller never finished, and its "
                "metadata.version knows of no way out");
  }
  metadata::RecordList records;
  records.add(wire::AbortTransactionRecord{.reason = "A new controller is active."}, 0);
  TRY(node->append(self, records.values()));
  log.warn("controller.transaction_aborted", {{"epoch", leadership.epoch.value()}});
  return {};
}

/// False where what a new cluster begins with was written in a transaction that never ended.
bool Controller::State::is_bootstrapped() const {
  const metadata::Image& image = replay.image();
  return image.feature_level(metadata::kMetadataVersion) > 0 || !image.topics().empty() || !image.brokers().empty();
}

Result<void> Controller::State::activate(env::Fiber& self, LeaderEpoch epoch) {
  const auto held = deciding.lock(self);
  if (!leads_in(epoch)) return fail(Errc::closed, "another controller is active");
  if (replay.in_transaction()) TRY(abort_transaction(self));
  if (node->is_blank() || !is_bootstrapped()) TRY(write_first_records(self));
  if (!leads_in(epoch)) return fail(Errc::closed, "another controller is active");
  book.begin(replay.image(), home.clock.now());
  active_epoch = epoch;
  publish_leader();
  watch->tell_again();
  ++duties;
  home.fibers.spawn("controller.duties", [state = shared_from_this(), epoch](env::Fiber& fiber) {
    state->keep_duties(fiber, epoch);
    --state->duties;
    state->duties_ended.wake_all();
  });
  return {};
}

}  // namespace gregor::controller

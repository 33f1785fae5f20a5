#include "sim/life.h"

#include "base/check.h"

namespace gregor::sim {

ShardSeat::ShardSeat(const Machine& machine, Lane lane, MailRoom& mail, UniqueFunction<void(std::string_view)> on_halt)
    : engine_(machine.engine),
      lane_(lane),
      fibers_(*this, machine.stacks),
      clock_(machine.engine, lane_, machine.clock),
      entropy_(machine.engine, lane_),
      network_(machine.network, lane_),
      disk_(machine.engine, lane_, machine.clock, machine.disk),
      mailbox_(mail, lane_),
      process_(std::move(on_halt)),
      shard_{fibers_, clock_, entropy_, network_, disk_, mailbox_, process_} {
  lane_.fibers = &fibers_;
}

Life::Life(Engine& engine, const Latency& mail, std::unique_ptr<Program> program, Events events)
    : engine_(engine), mail_(engine, mail), program_(std::move(program)), events_(std::move(events)) {
  CHECK(program_ != nullptr);
}

void Life::begin(const ShardSeat::Machine& machine, std::uint32_t node, std::uint32_t incarnation,
                 std::size_t shard_count) {
  CHECK(shard_count > 0 && seats_.empty());
  for (std::uint32_t shard = 0; shard < shard_count; ++shard) {
    Lane lane{.node = node, .shard = shard, .incarnation = incarnation};
    auto halt = [this](std::string_view reason) { events_.on_halt(reason); };
    seats_.push_back(std::make_unique<ShardSeat>(machine, lane, mail_, std::move(halt)));
    mail_.add_lane(seats_.back()->lane());
  }
  roots_left_ = shard_count;
  for (const auto& seat : seats_) {
    const auto entry = [this, place = seat.get()](env::Fiber& self) { run_root(self, *place); };
    seat->fibers().spawn("root", entry, env::StackClass::large_256k);
  }
}

void Life::run_root(env::Fiber& self, ShardSeat& seat) {
  program_->run(self, seat.shard());
  if (--roots_left_ == 0 && !dead_) events_.on_ended();
}

void Life::die() {
  dead_ = true;
  for (const auto& seat : seats_) seat->lane().dead = true;
}

void Life::bury() {
  CHECK(dead_);
  for (const auto& seat : seats_) engine_.kill(seat->lane());
  mail_.drop_all();
  for (const auto& seat : seats_) seat->fibers().cancel_all();
  for (const auto& seat : seats_) seat->clock().drop_all();
  program_.reset();
}

void Life::freeze(bool frozen) {
  for (const auto& seat : seats_) {
    if (frozen) {
      engine_.freeze(seat->lane());
    } else {
      engine_.thaw(seat->lane());
    }
  }
}

void Life::ask_to_stop() {
  engine_.post(seats_.front()->lane(), EventKind::stop_asked, 0, [this] { program_->stop(); });
}

}  // namespace gregor::sim

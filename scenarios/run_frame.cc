#include "scenarios/run_frame.h"

#include <string>
#include <utility>

#include "scenarios/run_timeline.h"

namespace gregor::scenarios {
namespace {

/// A world that does more in a second of its time turns in a circle: a timer that is always due, two who ask each
/// other.
constexpr std::uint64_t kEventsASecondMax = 400'000;

/// Counts what happens in each second.
class SpinWatch {
 public:
  explicit SpinWatch(sim::World& world) : world_(world) { begin(); }
  [[nodiscard]] bool sees_spinning() {
    if (world_.now() - since_ >= std::chrono::seconds(1)) begin();
    return world_.trace().event_count() - before_ > kEventsASecondMax;
  }

 private:
  void begin() {
    since_ = world_.now();
    before_ = world_.trace().event_count();
  }
  sim::World& world_;
  sim::SimTime since_{};
  std::uint64_t before_ = 0;
};

}  // namespace

void add_client(sim::World& world, std::string name, sim::NodeBody body) {
  world.add_node({.name = std::move(name), .shard_count = 1, .body = std::move(body)});
}

std::size_t add_actors(sim::World& world, Workload& workload) {
  std::size_t writers = 0;
  for (Workload::Actor& actor : workload.actors()) {
    writers += actor.writes ? 1 : 0;
    add_client(world, std::move(actor.name), std::move(actor.body));
  }
  return writers;
}

bool wait_until(sim::World& world, RunReport& report, const RunOptions& options, UniqueFunction<bool()>& done,
                Nanoseconds within) {
  const sim::RunLimit limit{.deadline = world.now() + within, .events_max = options.events_max};
  SpinWatch spinning(world);
  const auto decided = [&] {
    if (options.timeline != nullptr) options.timeline->look_at(world);
    if (spinning.sees_spinning()) {
      report.verdict.violated("L4", "more than " + std::to_string(kEventsASecondMax) + " events in one second",
                              MonotonicTime{world.now().time_since_epoch()});
    }
    return !report.verdict.holds() || done();
  };
  return world.run_until(decided, limit) == sim::RunEnd::satisfied;
}

void run_for(sim::World& world, RunReport& report, const RunOptions& options, Nanoseconds wait) {
  UniqueFunction<bool()> never = [] { return false; };
  static_cast<void>(wait_until(world, report, options, never, wait));
}

void note_stuck(sim::World& world, RunReport& report, Nanoseconds within, const char* what) {
  report.stuck = world.live_fibers();
  report.verdict.violated(
      "L4", std::string(what) + std::string(kNeverEnded) + std::to_string(within.count() / 1'000'000) + " ms",
      MonotonicTime{world.now().time_since_epoch()});
}

bool trips_over_itself(const Error& why) {
  return why.code == Errc::corrupt || why.code == Errc::malformed || why.code == Errc::invalid ||
         why.code == Errc::exists || why.code == Errc::unsupported;
}

void fill_report(sim::World& world, const properties::History& history, RunReport& report) {
  report.hash = world.trace().hash();
  report.events = world.trace().event_count();
  report.simulated = world.now().time_since_epoch();
  report.sent = history.sent.size();
  for (const properties::Sent& sent : history.sent) {
    report.acknowledged += sent.outcome == properties::Outcome::acknowledged;
  }
  report.read = history.reads.size();
  for (std::size_t i = 0; i < sim::kFaultRows.size(); ++i) {
    report.faults[i] = world.faults().of(sim::kFaultRows[i].kind);
  }
}

}  // namespace gregor::scenarios

// What the run of one broker and that of several do alike: wait in virtual time, judge how a broker ended, report.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "observe/event.h"
#include "properties/history.h"
#include "scenarios/run.h"
#include "scenarios/workload.h"
#include "sim/world.h"

namespace gregor::scenarios {

void add_client(sim::World& world, std::string name, sim::NodeBody body);
/// Every client of the workload begins. How many of them write.
std::size_t add_actors(sim::World& world, Workload& workload);
/// Lets the world run until `done`, or a violation: true then. False where neither came within the time. L4: a world
/// that does far too much in a second of its time is a violation too.
bool wait_until(sim::World& world, RunReport& report, const RunOptions& options, UniqueFunction<bool()>& done,
                Nanoseconds within);
/// Lets it run for so long, or until a violation.
void run_for(sim::World& world, RunReport& report, const RunOptions& options, Nanoseconds wait);
/// Between what and how long, in the text of the violation that note_stuck() notes.
inline constexpr std::string_view kNeverEnded = " did not come to an end within ";
/// L4: `what` did not come to its end.
void note_stuck(sim::World& world, RunReport& report, Nanoseconds within, const char* what);
/// The disk may fail a start; but what an earlier life left must never be in the way of the next.
bool trips_over_itself(const Error& why);
/// Adds what the world and the clients' history tell; events_judged and broker_lives are the caller's.
void fill_report(sim::World& world, const properties::History& history, RunReport& report);

}  // namespace gregor::scenarios

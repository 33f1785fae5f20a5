#include "sim/trace.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gregor::sim {
namespace {

SimTime at(int ns) {
  return SimTime(Nanoseconds(ns));
}

TEST(Trace, EachPartOfAnEventReachesTheHash) {
  std::set<std::string> hashes;
  const auto add = [&](int ns, std::uint32_t node, std::uint32_t shard, EventKind kind, std::uint64_t payload) {
    Trace trace;
    trace.record(at(ns), node, shard, kind, payload);
    hashes.insert(trace.hash().to_text());
  };
  add(1, 1, 1, EventKind::timer_due, 1);
  add(2, 1, 1, EventKind::timer_due, 1);
  add(1, 2, 1, EventKind::timer_due, 1);
  add(1, 1, 2, EventKind::timer_due, 1);
  add(1, 1, 1, EventKind::fiber_ran, 1);
  add(1, 1, 1, EventKind::timer_due, 2);
  EXPECT_EQ(hashes.size(), 6U);
}

TEST(Trace, TheOrderOfEventsReachesTheHash) {
  Trace forth;
  forth.record(at(1), 0, 0, EventKind::fiber_ran, 1);
  forth.record(at(1), 0, 0, EventKind::fiber_ran, 2);
  Trace back;
  back.record(at(1), 0, 0, EventKind::fiber_ran, 2);
  back.record(at(1), 0, 0, EventKind::fiber_ran, 1);
  EXPECT_NE(forth.hash(), back.hash());
}

TEST(Trace, TheHashOfAKnownHistoryIsThisOneOnEveryMachine) {
  Trace trace;
  for (int i = 0; i < 2000; ++i)
    trace.record(at(i * 3), 2, 1, EventKind::bytes_arrived, checksum_of(bytes_of("payload")));
  EXPECT_EQ(trace.hash().to_text(), "48f6e64a8bb364e600827649bac92c42");
}

TEST(Trace, AMarkIsKeptForEvery1024thEvent) {
  Trace trace;
  for (int i = 0; i < 3000; ++i) {
    trace.record(at(i), 0, 0, EventKind::fiber_ran, 0);
    if (i + 1 == 1024) {
      EXPECT_EQ(trace.marks().at(0), trace.hash());
    }
  }
  EXPECT_EQ(trace.marks().size(), 2U);
}

TEST(Trace, ListeningChangesNothing) {
  Trace heard;
  std::uint64_t count = 0;
  heard.listen([&](const TraceEvent& event) { count = event.id; });
  Trace unheard;
  for (Trace* trace : {&heard, &unheard}) trace->record(at(5), 0, 0, EventKind::node_crashed, 9);
  EXPECT_EQ(heard.hash(), unheard.hash());
  EXPECT_EQ(count, 1U);
}

TEST(Trace, EveryKindHasItsName) {
  EXPECT_STREQ(name_of(EventKind::fiber_ran), "fiber_ran");
  EXPECT_STREQ(name_of(EventKind::halted), "halted");
}

}  // namespace
}  // namespace gregor::sim

// A host on a real partition: who is told what and when, what a failed write and a lost leadership leave.
#include "coordinator/host.h"

#include "sim/run_fiber.h"
#include "tests/coordinator/support/ledger.h"

namespace gregor::coordinator {
namespace {

using test::Ledger;
using test::LedgerHost;
using wire::ErrorCode;

config::TopicConfig flushed() {
  config::TopicConfig config;
  config.flush_messages = 1;
  return config;
}

TEST(Host, RefusesWhileItLoadsAndServesAfterwards) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard);
    home.host_in(LeaderEpoch{0});
    EXPECT_EQ(home.put("a", "1")->await(self), ErrorCode::coordinator_load_in_progress);
    home.await_active(self);
    EXPECT_EQ(home.put("a", "1")->await(self), ErrorCode::none);
    home.host->end(ErrorCode::not_coordinator);
    EXPECT_EQ(home.put("a", "2")->await(self), ErrorCode::not_coordinator);
  });
}

TEST(Host, NobodyIsToldBeforeTheRecordsStand) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard, flushed());
    home.begin(self);
    home.top.disk.orders.flushes_hang = true;
    const auto first = home.put("a", "1");
    std::string seen;
    const auto look = home.look("a", seen);
    env::sleep_for(self, home.top.shard.clock, Milliseconds(50));
    EXPECT_FALSE(first->is_set());
    EXPECT_EQ(seen, "1");
    EXPECT_FALSE(look->is_set()) << "what was read rests on a record that may yet be lost";
    home.top.disk.orders.let_go();
    EXPECT_EQ(first->await(self), ErrorCode::none);
    EXPECT_EQ(look->await(self), ErrorCode::none);
  });
}

TEST(Host, WhatComesWhileABatchIsWrittenGoesOutAsOneBatch) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard, flushed());
    home.begin(self);
    home.top.disk.orders.flushes_hang = true;
    const auto first = home.put("a", "1");
    env::sleep_for(self, home.top.shard.clock, Milliseconds(5));
    std::vector<test::Told> rest;
    for (int i = 0; i < 20; ++i) rest.push_back(home.put("k" + std::to_string(i), "v"));
    home.top.disk.orders.let_go();
    for (const auto& told : rest) EXPECT_EQ(told->await(self), ErrorCode::none);
    EXPECT_EQ(first->await(self), ErrorCode::none);
    EXPECT_EQ(home.top.observer.all<observe::BatchAppended>().size(), 2U);
  });
}

TEST(Host, ACallThatNeedNotBeWholeIsSplitAndOneThatMustIsNot) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    config::TopicConfig config;
    config.max_message_bytes = 1000;
    LedgerHost home(self, shard, config);
    home.begin(self);
    const auto put_many = [&](bool is_atomic) {
      auto told = std::make_shared<env::Promise<ErrorCode>>();
      EXPECT_EQ(home.host->run([&](Machine&, const Now&, Effects& effects) {
        for (int i = 0; i < 10; ++i) effects.records.push_back(Ledger::record("k", std::string(200, 'x')));
        effects.is_atomic = is_atomic;
        effects.releases.push_back([told](ErrorCode error) { told->set(error); });
      }),
                ErrorCode::none);
      return told->await(self);
    };
    EXPECT_EQ(put_many(false), ErrorCode::none);
    EXPECT_EQ(home.top.observer.all<observe::BatchAppended>().size(), 3U);
    EXPECT_EQ(put_many(true), ErrorCode::unknown_server_error);
  });
}

TEST(Host, AfterAFailedWriteAllAreToldAndTheMachineIsBuiltFromTheLog) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard);
    home.begin(self);
    EXPECT_EQ(home.put("a", "1")->await(self), ErrorCode::none);
    home.top.disk.orders.writes_to_fail = 1;
    home.top.disk.orders.write_error = Errc::no_space;
    const auto lost = home.put("a", "2");
    const auto behind = home.put("b", "1");
    EXPECT_EQ(lost->await(self), ErrorCode::not_coordinator);
    EXPECT_EQ(behind->await(self), ErrorCode::not_coordinator);
    EXPECT_EQ(home.diary.abandoned.size(), 1U);
    home.await_active(self);
    EXPECT_EQ(home.diary.made, 2);
    EXPECT_EQ(home.entries(), (std::map<std::string, std::string>{{"a", "1"}}));
    EXPECT_EQ(home.put("a", "3")->await(self), ErrorCode::none);
  });
}

TEST(Host, AMachineIsTheFoldOfItsLog) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard);
    home.begin(self);
    for (const auto& [key, value] : std::vector<std::pair<std::string, std::optional<std::string>>>{
             {"a", "1"}, {"b", "1"}, {"nonsense", "x"}, {"a", "2"}, {"b", std::nullopt}, {"c", "1"}}) {
      EXPECT_EQ(home.put(key, value)->await(self), ErrorCode::none);
    }
    home.host->end(ErrorCode::not_coordinator);
    home.begin(self);
    EXPECT_EQ(home.entries(), (std::map<std::string, std::string>{{"a", "2"}, {"c", "1"}}));
  });
}

// Another leader may still cut off what this one has written and nobody has committed.
TEST(Host, WhatWasLoadedIsServedWhenItIsCommitted) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard, flushed());
    home.begin(self);
    home.top.disk.orders.flushes_hang = true;
    const auto first = home.put("a", "1");
    env::sleep_for(self, home.top.shard.clock, Milliseconds(50));
    home.host->end(ErrorCode::not_coordinator);
    home.host_in(LeaderEpoch{0});
    env::sleep_for(self, home.top.shard.clock, Milliseconds(500));
    EXPECT_EQ(home.host->stage(), Host::Stage::loading) << "the record stands in the log and is not flushed";
    home.top.disk.orders.let_go();
    home.await_active(self);
    std::string seen;
    EXPECT_EQ(home.look("a", seen)->await(self), ErrorCode::none);
    EXPECT_EQ(seen, "1");
  });
}

TEST(Host, TheEndTellsEveryoneWhoWaits) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard, flushed());
    home.begin(self);
    home.top.disk.orders.flushes_hang = true;
    const auto told = home.put("a", "1");
    home.host->end(ErrorCode::not_coordinator);
    EXPECT_EQ(told->await(self), ErrorCode::not_coordinator);
    EXPECT_EQ(home.diary.abandoned, std::vector<ErrorCode>{ErrorCode::not_coordinator});
    home.top.disk.orders.let_go();
    env::sleep_for(self, home.top.shard.clock, Milliseconds(5));
  });
}

TEST(Host, ABatchOfAnotherEpochIsNotWritten) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard);
    home.begin(self);
    home.partition->apply(partition::test::leads_alone(LeaderEpoch{1}));
    EXPECT_EQ(home.put("a", "1")->await(self), ErrorCode::not_coordinator);
    EXPECT_TRUE(home.top.observer.all<observe::BatchAppended>().empty());
  });
}

TEST(Host, TheClockTicksForTheMachine) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard);
    home.begin(self);
    EXPECT_EQ(home.host->run([&](Machine& machine, const Now& now, Effects&) {
      static_cast<Ledger&>(machine).deadline = now.monotonic + Milliseconds(30);
    }),
              ErrorCode::none);
    env::sleep_for(self, home.top.shard.clock, Milliseconds(20));
    EXPECT_EQ(home.diary.ticks, 0);
    env::sleep_for(self, home.top.shard.clock, Milliseconds(20));
    EXPECT_EQ(home.diary.ticks, 1);
    EXPECT_EQ(home.top.observer.all<observe::BatchAppended>().size(), 1U) << "what a tick decides is written too";
  });
}

TEST(Host, WhatWaitsIsBounded) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    LedgerHost home(self, shard, flushed());
    home.begin(self);
    home.top.disk.orders.flushes_hang = true;
    const std::string big(1 << 19, 'x');
    ErrorCode refused = ErrorCode::none;
    std::size_t taken = 0;
    while (refused == ErrorCode::none && taken < 100) {
      refused = home.host->run(
          [&](Machine&, const Now&, Effects& effects) { effects.records.push_back(Ledger::record("k", big)); });
      ++taken;
    }
    EXPECT_EQ(refused, ErrorCode::coordinator_not_available);
    EXPECT_GE(taken, kQueuedBytesMax / big.size());
    home.top.disk.orders.let_go();
    env::sleep_for(self, home.top.shard.clock, Milliseconds(200));
    EXPECT_EQ(home.put("a", "1")->await(self), ErrorCode::none);
  });
}

}  // namespace
}  // namespace gregor::coordinator

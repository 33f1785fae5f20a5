// A registrar and a feed by hand: what it sends depends on what the image says.
#include "broker/controller_registrar.h"

#include <gtest/gtest.h>

#include "broker/broker_shard.h"
#include "metadata/metadata_version.h"
#include "metadata/registration_record.h"
#include "metadata/replay.h"
#include "sim/run_fiber.h"
#include "tests/broker/support/node_world.h"
#include "wire/metadata_records.h"

namespace gregor::broker {
namespace {

const metadata::ControllerRegistration kSelf{
    .id = NodeId{7}, .incarnation_id = Uuid{1, 1}, .listeners = {{"CONTROLLER", "h", 9093, 0}}};

/// A feed whose images a test writes.
struct WrittenFeed {
  explicit WrittenFeed(env::Shard& shard) : feed(shard, observer) {}
  template <class Record>
  void write(const Record& record) {
    metadata::RecordList records;
    records.add(record, 0);
    EXPECT_TRUE(replay.apply_batch(records.values(), ++offset, LeaderEpoch{1}));
    const auto change = replay.take_change();
    feed.show(change->image, change->delta);
  }
  void set_level(std::int16_t level) {
    write(wire::FeatureLevelRecord{.name = metadata::kMetadataVersion, .feature_level = level});
  }
  observe::NullObserver observer;
  test::RememberingLog log;
  controller::ImageFeed feed;
  metadata::Replay replay;
  Offset offset{0};
};

struct Bench {
  explicit Bench(env::Shard& at) : shard(at), image(at), registrar(seat(), kSelf) {
    shard.fibers.spawn("registrar", [this](env::Fiber& self) {
      registrar.keep(self);
      has_ended = true;
    });
  }
  ControllerRegistrar::Seat seat() {
    return {.clock = shard.clock,
            .feed = image.feed,
            .log = image.log,
            .carry = [this](env::Fiber&, const wire::ControllerRegistrationRequest& request,
                            MonotonicTime) -> Result<wire::ControllerRegistrationResponse> {
              ++sent;
              EXPECT_EQ(request.controller_id, 7);
              EXPECT_EQ(request.listeners.at(0).host, "h");
              if (fails) return fail(Errc::timed_out, "nobody is active");
              image.write(metadata::registration_record_of(kSelf));
              return wire::ControllerRegistrationResponse{};
            }};
  }
  void wait(env::Fiber& self, Milliseconds time) const { env::sleep_for(self, shard.clock, time); }
  void end(env::Fiber& self) {
    registrar.stop();
    wait(self, Milliseconds(1));
    EXPECT_TRUE(has_ended);
  }
  env::Shard& shard;
  WrittenFeed image;
  int sent = 0;
  bool fails = false;
  bool has_ended = false;
  ControllerRegistrar registrar;
};

TEST(ControllerRegistrar, WaitsForAMetadataVersionThatKnowsOfControllersAndTellsOnce) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.image.set_level(14);
    bench.wait(self, Milliseconds(2000));
    EXPECT_EQ(bench.sent, 0);
    bench.image.set_level(15);
    bench.wait(self, Milliseconds(60'000));
    EXPECT_EQ(bench.sent, 1);
    bench.end(self);
  });
}

TEST(ControllerRegistrar, TriesAgainUntilTheImageSaysIt) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.fails = true;
    bench.image.set_level(30);
    bench.wait(self, Milliseconds(3000));
    EXPECT_GE(bench.sent, 5);
    EXPECT_LE(bench.sent, 8) << "a pause lies between tries";
    bench.fails = false;
    bench.wait(self, Milliseconds(1000));
    const int sent = bench.sent;
    bench.wait(self, Milliseconds(10'000));
    EXPECT_EQ(bench.sent, sent);
    bench.end(self);
  });
}

/// Whenever this one is registered, the other one registers a little later.
void rival_for(env::Fiber& self, Bench& bench, const metadata::ControllerRegistration& rival, Milliseconds time) {
  const MonotonicTime end = bench.shard.clock.now() + time;
  while (bench.shard.clock.now() < end) {
    const auto* known = bench.image.feed.image()->controllers().find(NodeId{7});
    if (known != nullptr && *known == kSelf) bench.image.write(metadata::registration_record_of(rival));
    bench.wait(self, Milliseconds(100));
  }
}

TEST(ControllerRegistrar, TwoOfOneIdSayItAndDoNotFillTheLog) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.image.set_level(30);
    bench.wait(self, Milliseconds(200));
    auto rival = kSelf;
    rival.incarnation_id = Uuid{9, 9};
    rival.listeners[0].host = "elsewhere";
    rival_for(self, bench, rival, Milliseconds(10 * 60'000));
    EXPECT_EQ(bench.image.log.count("controller.id_is_taken"), 1U);
    EXPECT_EQ(bench.image.log.count("elsewhere:9093"), 1U);
    EXPECT_GE(bench.sent, 8) << "it goes on to say where it is";
    EXPECT_LE(bench.sent, 20);
    bench.end(self);
  });
}

TEST(ControllerRegistrar, OneLateRequestOfItsFormerLifeIsMendedAtOnceAndNoRival) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    bench.image.set_level(30);
    bench.wait(self, Milliseconds(2000));
    auto former = kSelf;
    former.incarnation_id = Uuid{9, 9};
    bench.image.write(metadata::registration_record_of(former));
    bench.wait(self, Milliseconds(100));
    EXPECT_EQ(bench.sent, 2);
    EXPECT_EQ(*bench.image.feed.image()->controllers().find(NodeId{7}), kSelf);
    EXPECT_EQ(bench.image.log.count("controller.id_is_taken"), 0U);
    bench.end(self);
  });
}

TEST(ControllerRegistrar, AnotherIncarnationInTheImageIsNotThisLife) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Bench bench(shard);
    auto former = kSelf;
    former.incarnation_id = Uuid{9, 9};
    bench.image.write(metadata::registration_record_of(former));
    bench.image.set_level(30);
    bench.wait(self, Milliseconds(2000));
    EXPECT_EQ(bench.sent, 1);
    EXPECT_EQ(*bench.image.feed.image()->controllers().find(NodeId{7}), kSelf);
    bench.end(self);
  });
}

}  // namespace
}  // namespace gregor::broker

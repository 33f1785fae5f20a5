// A link to another broker is dialled where the directory says, and a broker that nobody knows or that is not there is
// an error, not a wait.
#include "broker/replica_fetcher_link.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"

namespace gregor::broker {
namespace {

struct Directory final : BrokerDirectory {
  [[nodiscard]] std::optional<BrokerPlace> place_of(NodeId broker) const override {
    return broker == NodeId{2} ? std::optional(BrokerPlace{"127.0.0.1", 9999}) : std::nullopt;
  }
};

TEST(ReplicaFetcherLink, ABrokerThatNobodyKnowsIsNotFound) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    const Directory directory;
    auto dial = network_dialer(shard, directory, "fetcher", Milliseconds(100));
    const auto link = dial(self, NodeId{3});
    ASSERT_FALSE(link);
    EXPECT_EQ(link.error().code, Errc::not_found);
  });
}

TEST(ReplicaFetcherLink, ABrokerThatIsNotThereIsAnErrorInTime) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    const Directory directory;
    auto dial = network_dialer(shard, directory, "fetcher", Milliseconds(100));
    const MonotonicTime before = shard.clock.now();
    EXPECT_FALSE(dial(self, NodeId{2}));
    EXPECT_LE(shard.clock.now() - before, Milliseconds(100));
  });
}

}  // namespace
}  // namespace gregor::broker

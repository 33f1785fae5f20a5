#include "runtime/tcp_listener.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>

#include "runtime/socket_address.h"
#include "tests/runtime/support/connected_pair.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

TEST(TcpListener, AnIpv4ClientOfAnIpv6WildcardIsSeenByItsIpv4Address) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    auto listener = shard.network.listen({"::", 0}, collector).value();
    auto client = shard.network.connect(self, {"127.0.0.1", listener->local().port}, kPatience).value();
    const auto server = collector.take(self);
    EXPECT_EQ(server->local().address, "127.0.0.1");
    EXPECT_EQ(server->peer(), client->local());
  });
}

/// Resident bytes of this process.
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

TEST(TcpListener, IdleConnectionsCostNoFiberAndLittleMemory) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t room = limit.rlim_cur > 1000 ? static_cast<std::size_t>(limit.rlim_cur) - 1000 : 0;
  const std::size_t count = std::min<std::size_t>(10'000, room / 2);
  if (count < 100) GTEST_SKIP() << "too few descriptors: " << limit.rlim_cur;
  constexpr std::size_t kBytesMax = 4096;  // ours for both ends together, without the kernel's
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    auto listener = shard.network.listen(kAnyPort, collector).value();
    const std::size_t before = resident_bytes();
    std::vector<std::unique_ptr<env::Socket>> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(shard.network.connect(self, listener->local(), kPatience).value());
    }
    while (collector.sockets.size() < count) collector.arrived.wait(self);
    EXPECT_EQ(shard.fibers.live_count(), 1U);
    EXPECT_LT(resident_bytes() - before, count * kBytesMax);
    RecordProperty("connections", static_cast<int>(count));
  });
}

TEST(TcpListener, AShortageOfDescriptorsPausesAcceptingWithOneLine) {
#if GREGOR_SANITIZED
  GTEST_SKIP() << "UBSan opens a pipe to look at an object's type, and takes a failure for a wrong object";
#endif
  RememberingLog log;
  Machine machine(MachineOptions{}, log);
  machine.run([&](env::Fiber& self, env::Shard& shard) {
    Collector collector;
    auto listener = shard.network.listen(kAnyPort, collector).value();
    const int caller = ::socket(AF_INET, SOCK_STREAM, 0);
    rlimit former{};
    ::getrlimit(RLIMIT_NOFILE, &former);
    rlimit none = former;
    none.rlim_cur = 3;  // every number below is taken already
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const SocketAddress at = address_of(listener->local()).value();
    ASSERT_EQ(::connect(caller, at.as_sockaddr(), at.length), 0);
    env::sleep_for(self, shard.clock, Milliseconds(250));
    EXPECT_TRUE(collector.sockets.empty());
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &former), 0);
    EXPECT_NE(collector.take(self), nullptr) << "it waited in the system's queue";
    ::close(caller);
  });
  ASSERT_EQ(log.lines().size(), 1U) << "one line, however often it was tried";
  EXPECT_NE(log.lines()[0].find("network.accept_paused"), std::string::npos);
}

}  // namespace
}  // namespace gregor::runtime

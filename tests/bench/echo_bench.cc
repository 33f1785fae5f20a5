// How many requests one shard answers: 64 connections with 5 requests of 200 bytes in flight each, a fiber per request.
// The caller is a plain thread over epoll, so that what is measured is the shard. Prints requests per second and the
// processor time of the shard's thread per request. Usage: echo_bench [seconds] [connections] [in flight] [bytes] [spin
// microseconds]
#include <sys/epoll.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "runtime/descriptor.h"
#include "runtime/line_log.h"
#include "runtime/machine.h"
#include "runtime/socket_address.h"
#include "tests/runtime/support/frames.h"

namespace gregor::runtime {
namespace {

struct Load {
  int seconds = 3;
  int connections = 64;
  int in_flight = 5;
  std::size_t bytes = 200;
};

/// Sends and counts until told to end. Returns the answers counted.
std::uint64_t call(const Load& load, std::uint16_t port, const std::atomic<bool>& over) {
  const SocketAddress at = address_of({"127.0.0.1", port}).value();
  const Descriptor epoll(::epoll_create1(0));
  std::vector<Descriptor> sockets;
  std::vector<std::size_t> unfinished(static_cast<std::size_t>(load.connections));
  const ByteBuffer frame = frame_of(load.bytes, std::byte{7});
  ByteBuffer burst;
  for (int i = 0; i < load.in_flight; ++i) append_bytes(burst, frame);
  for (int i = 0; i < load.connections; ++i) {
    sockets.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
    if (::connect(sockets.back().number(), at.as_sockaddr(), at.length) != 0) std::abort();
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = static_cast<std::uint32_t>(i);
    ::epoll_ctl(epoll.number(), EPOLL_CTL_ADD, sockets.back().number(), &event);
    if (::send(sockets.back().number(), burst.data(), burst.size(), 0) < 0) std::abort();
  }
  std::uint64_t answers = 0;
  ByteBuffer room(64 * 1024);
  std::vector<epoll_event> events(64);
  while (!over) {
    const int count = ::epoll_wait(epoll.number(), events.data(), 64, 100);
    for (int i = 0; i < count; ++i) {
      const std::uint32_t index = events[static_cast<std::size_t>(i)].data.u32;
      const ssize_t taken = ::recv(sockets[index].number(), room.data(), room.size(), 0);
      if (taken <= 0) std::abort();
      const std::size_t whole = (unfinished[index] + static_cast<std::size_t>(taken)) / frame.size();
      unfinished[index] = (unfinished[index] + static_cast<std::size_t>(taken)) % frame.size();
      answers += whole;
      for (std::size_t sent = 0; sent < whole * frame.size();) {
        const std::size_t piece = std::min(burst.size(), whole * frame.size() - sent);
        if (::send(sockets[index].number(), burst.data(), piece, MSG_NOSIGNAL) != static_cast<ssize_t>(piece))
          std::abort();
        sent += piece;
      }
    }
  }
  return answers;
}

double thread_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void run(const Load& load, Nanoseconds spin) {
  LineLog log(2);
  MachineOptions options;
  options.spin = spin;
  Machine machine(options, log);
  machine.run([&](env::Fiber& self, env::Shard& shard) {
    EchoServer server(shard, {"127.0.0.1", 0});
    std::atomic<bool> over = false;
    std::atomic<bool> caller_gone = false;
    std::atomic<std::uint64_t> answers = 0;
    std::thread caller([&, port = (*server.listener())->local().port] {
      answers = call(load, port, over);
      caller_gone = true;
    });
    const double used_before = thread_seconds();
    env::sleep_for(self, shard.clock, std::chrono::seconds(load.seconds));
    const double used = thread_seconds() - used_before;
    const auto answered = static_cast<double>(server.answered());
    over = true;
    while (!caller_gone || server.open_count() > 0) env::sleep_for(self, shard.clock, Milliseconds(1));
    caller.join();
    std::printf("%.0f requests/s, shard busy %.0f %%, %.0f ns of shard time per request\n", answered / load.seconds,
                100 * used / load.seconds, 1e9 * used / answered);
  });
}

}  // namespace
}  // namespace gregor::runtime

int main(int argc, char** argv) {
  const auto argument = [&](int index, int otherwise) { return argc > index ? std::atoi(argv[index]) : otherwise; };
  gregor::runtime::Load load;
  load.seconds = argument(1, load.seconds);
  load.connections = argument(2, load.connections);
  load.in_flight = argument(3, load.in_flight);
  load.bytes = static_cast<std::size_t>(argument(4, static_cast<int>(load.bytes)));
  gregor::runtime::run(load, std::chrono::microseconds(argument(5, 0)));
  return 0;
}

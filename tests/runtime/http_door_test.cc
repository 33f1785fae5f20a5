// What a scraper or a probe meets, over real sockets on loopback.
#include "runtime/http_door.h"

#include <gtest/gtest.h>

#include "tests/runtime/support/connected_pair.h"
#include "tests/runtime/support/on_machine.h"

namespace gregor::runtime {
namespace {

HttpAnswer answer_of(std::string_view path) {
  if (path == "/ready") return {.status = 503, .body = "starting\n"};
  return {.body = "you asked for " + std::string(path) + "\n"};
}

/// Sends `text` and reads until the door closes the connection.
std::string converse(env::Fiber& self, env::Shard& shard, const env::Endpoint& at, std::string_view text) {
  env::Stream stream(shard.network.connect(self, {"127.0.0.1", at.port}, kPatience).value());
  EXPECT_TRUE(stream.write_all(self, shard.clock, bytes_of(text), shard.clock.now() + kPatience));
  std::string heard;
  std::array<std::byte, 512> room;
  for (;;) {
    const auto taken = stream.read_some(self, shard.clock, room, shard.clock.now() + kPatience);
    if (!taken || *taken == 0) return heard;
    heard.append(reinterpret_cast<const char*>(room.data()), *taken);
  }
}

void at_the_door(const std::function<void(env::Fiber&, env::Shard&, const env::Endpoint&)>& body) {
  on_machine(1, [&](env::Fiber& self, env::Shard& shard) {
    HttpDoor door(shard, [](env::Fiber&, std::string_view path) { return answer_of(path); });
    const auto at = door.open(self, "127.0.0.1", 0);
    ASSERT_TRUE(at) << at.error().text;
    body(self, shard, *at);
    door.close(self);
  });
}

TEST(HttpDoor, AnswersAPathWithoutItsQuery) {
  at_the_door([](env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
    EXPECT_EQ(converse(self, shard, at, "GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 23\r\nConnection: "
              "close\r\n\r\nyou asked for /metrics\n");
    const std::string refused = converse(self, shard, at, "GET /ready HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << refused;
  });
}

TEST(HttpDoor, OneConnectionServesSeveralRequestsAndAHeadHasNoBody) {
  at_the_door([](env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
    const std::string heard = converse(self, shard, at,
                                       "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
                                       "HEAD /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_NE(heard.find("you asked for /a\n"), std::string::npos) << heard;
    EXPECT_EQ(heard.find("you asked for /b"), std::string::npos) << heard;
    EXPECT_TRUE(heard.ends_with("Content-Length: 17\r\nConnection: close\r\n\r\n")) << heard;
  });
}

TEST(HttpDoor, WhatIsNoRequestIsRefused) {
  at_the_door([](env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
    const auto status = [&](std::string_view text) { return converse(self, shard, at, text).substr(0, 12); };
    EXPECT_EQ(status("\x01\x02garbage\r\n\r\n"), "HTTP/1.1 400");
    EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"), "HTTP/1.1 405");
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"), "HTTP/1.1 413");
    EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(2 * kHttpHeaderBytesMax, 'x')), "HTTP/1.1 431");
  });
}

TEST(HttpDoor, ClosingEndsConnectionsThatSayNothing) {
  at_the_door([](env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
    auto idle = shard.network.connect(self, {"127.0.0.1", at.port}, kPatience);
    ASSERT_TRUE(idle);
    (void)converse(self, shard, at, "GET / HTTP/1.0\r\n\r\n");
    shard.fibers.spawn("holder", [socket = std::move(*idle)](env::Fiber& holder) { holder.park(); });
  });
}

TEST(HttpDoor, APortInUseIsSaid) {
  at_the_door([](env::Fiber& self, env::Shard& shard, const env::Endpoint& at) {
    HttpDoor second(shard, [](env::Fiber&, std::string_view path) { return answer_of(path); });
    const auto opened = second.open(self, "127.0.0.1", at.port);
    if (opened) GTEST_SKIP() << "this system lets two listeners share a port";
    EXPECT_EQ(opened.error().code, Errc::exists);
    second.close(self);
  });
}

}  // namespace
}  // namespace gregor::runtime

#include "runtime/line_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace gregor::runtime {
namespace {

TEST(LineLog, TellsTimeInUtcWithMilliseconds) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(1'767'225'599'007), "2025-12-31T23:59:59.007Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999Z");
}

TEST(LineLog, LinesOfManyThreadsAreNeverTorn) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::string read;
  std::thread reader([&] {
    std::array<char, 4096> room;
    for (ssize_t taken = 0; (taken = ::read(ends[0], room.data(), room.size())) > 0;) {
      read.append(room.data(), static_cast<std::size_t>(taken));
    }
  });
  constexpr int kLines = 200;
  const std::string payload(9'000, 'x');  // beyond what one write to a pipe keeps together
  {
    LineLog log(ends[1]);
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 3; ++writer) {
      writers.emplace_back([&] {
        for (int i = 0; i < kLines; ++i) log.info("test.line", {{"payload", payload}});
      });
    }
    for (std::thread& writer : writers) writer.join();
    log.line(observe::Level::debug, "test.hidden", {});
  }
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  int lines = 0;
  for (std::size_t at = 0; at < read.size(); ++lines) {
    const std::size_t end = read.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    const std::string line = read.substr(at, end - at);
    EXPECT_TRUE(line.ends_with("INFO test.line payload=" + payload)) << line.substr(0, 80);
    at = end + 1;
  }
  EXPECT_EQ(lines, 3 * kLines);
}

}  // namespace
}  // namespace gregor::runtime

// A flood of strangers is a few lines and a number.
#include "broker/bounded_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/run_fiber.h"

namespace gregor::broker {
namespace {

class Lines final : public observe::Log {
 public:
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override {
    lines.push_back(observe::format_line(level, event, fields));
  }
  std::vector<std::string> lines;
};

TEST(BoundedLog, PassesAFewAndTellsHowManyMoreThereWere) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Lines heard;
    BoundedLog log(heard, shard.clock);
    for (int i = 0; i < 1000; ++i) log.warn("connection.closed", {{"number", i}});
    ASSERT_EQ(heard.lines.size(), static_cast<std::size_t>(BoundedLog::kLinesPerSecondMax));
    EXPECT_EQ(heard.lines.back(), "WARN connection.closed number=19") << "the first ones, in order";
    env::sleep_for(self, shard.clock, std::chrono::seconds(2));
    ASSERT_EQ(heard.lines.size(), static_cast<std::size_t>(BoundedLog::kLinesPerSecondMax) + 1);
    EXPECT_EQ(heard.lines.back(), "WARN log.lines_withheld lines=980");
    log.info("connection.closed", {});
    EXPECT_EQ(heard.lines.back(), "INFO connection.closed") << "afterwards it goes on as before";
  });
}

TEST(BoundedLog, WhatComesSlowlyAllPasses) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Lines heard;
    BoundedLog log(heard, shard.clock);
    for (int i = 0; i < 100; ++i) {
      log.info("connection.closed", {});
      env::sleep_for(self, shard.clock, std::chrono::milliseconds(60));
    }
    EXPECT_EQ(heard.lines.size(), 100U);
  });
}

TEST(BoundedLog, MayEndWhileLinesAreWithheld) {
  sim::run_fiber([](env::Fiber& self, env::Shard& shard) {
    Lines heard;
    {
      BoundedLog log(heard, shard.clock);
      for (int i = 0; i < 30; ++i) log.info("x", {});
    }
    env::sleep_for(self, shard.clock, std::chrono::seconds(2));
    EXPECT_EQ(heard.lines.size(), static_cast<std::size_t>(BoundedLog::kLinesPerSecondMax));
  });
}

}  // namespace
}  // namespace gregor::broker

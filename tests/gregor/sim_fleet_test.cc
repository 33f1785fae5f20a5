// Many seeds on many processes: each once, told in order, and a worker that dies is a failed seed.
#include "runtime/gregor/sim_fleet.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <vector>

namespace gregor::program {
namespace {

SeedResult named(std::uint64_t seed) {
  SeedResult result;
  result.seed = seed;
  result.hash = "hash of " + std::to_string(seed);
  result.events = seed * 10;
  result.simulated_ms = -5;
  result.text = "quotes \" and\nlines";
  return result;
}

std::vector<SeedResult> all_of(const FleetOptions& options, const std::function<SeedResult(std::uint64_t)>& run) {
  std::vector<SeedResult> results;
  const auto ended = run_fleet(options, run, [&](const SeedResult& result) {
    results.push_back(result);
    return true;
  });
  EXPECT_TRUE(ended);
  return results;
}

TEST(SimFleet, RunsEverySeedOnceAndTellsThemInOrderWhateverTheJobs) {
  for (const unsigned jobs : {1U, 2U, 7U, 64U}) {
    const auto results = all_of({.first = 5, .last = 34, .jobs = jobs}, [](std::uint64_t seed) {
      ::usleep(static_cast<useconds_t>((seed * 7919) % 3'000));
      return named(seed);
    });
    ASSERT_EQ(results.size(), 30U) << jobs << " jobs";
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].seed, 5 + i);
      EXPECT_EQ(results[i].hash, named(5 + i).hash);
      EXPECT_EQ(results[i].events, named(5 + i).events);
      EXPECT_EQ(results[i].simulated_ms, -5);
      EXPECT_EQ(results[i].text, named(5 + i).text);
      EXPECT_TRUE(results[i].holds);
    }
  }
}

TEST(SimFleet, AWorkerThatDiesIsAFailedSeed) {
  const auto results = all_of({.first = 1, .last = 10, .jobs = 2}, [](std::uint64_t seed) {
    if (seed == 4) ::kill(::getpid(), SIGKILL);
    return named(seed);
  });
  ASSERT_EQ(results.size(), 10U) << "another worker takes the seeds behind it";
  EXPECT_EQ(results[3].seed, 4U);
  EXPECT_FALSE(results[3].holds);
  EXPECT_EQ(results[3].invariant, "crash");
  EXPECT_NE(results[3].text.find("signal 9"), std::string::npos) << results[3].text;
}

TEST(SimFleet, EndsWhenItIsToldThatItIsEnough) {
  int told = 0;
  EXPECT_TRUE(run_fleet({.first = 1, .last = 1'000'000'000, .jobs = 3}, named,
                        [&](const SeedResult& result) { return ++told, result.seed < 10; }));
  EXPECT_EQ(told, 10);
}

}  // namespace
}  // namespace gregor::program

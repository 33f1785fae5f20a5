// Lines from a descriptor: none is lost, the last needs no end.
#include "runtime/gregor/line_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sim/run_fiber.h"

namespace gregor::program {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  const std::string path = std::filesystem::path(GREGOR_BUILD_DIR) / "line_input_test.txt";
  std::ofstream(path, std::ios::binary) << text;
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  std::vector<std::string> lines;
  sim::run_fiber([&](env::Fiber& self, env::Shard& shard) {
    LineInput input(descriptor);
    for (;;) {
      input.wait(self, shard.clock);
      const auto line = input.next();
      if (!line) break;
      lines.push_back(*line);
    }
  });
  ::close(descriptor);
  return lines;
}

TEST(LineInput, EveryLineOnce) {
  EXPECT_EQ(lines_of("a\nb\n"), (std::vector<std::string>{"a", "b"}));
}
TEST(LineInput, TheLastLineNeedsNoEnd) {
  EXPECT_EQ(lines_of("a\nb"), (std::vector<std::string>{"a", "b"}));
}
TEST(LineInput, EmptyLinesAreLines) {
  EXPECT_EQ(lines_of("\n\na\n"), (std::vector<std::string>{"", "", "a"}));
}
TEST(LineInput, NothingIsNoLine) {
  EXPECT_EQ(lines_of(""), std::vector<std::string>{});
}
TEST(LineInput, LinesLongerThanAReadStayWhole) {
  const std::string longer(200'000, 'x');
  EXPECT_EQ(lines_of(longer + "\ny"), (std::vector<std::string>{longer, "y"}));
}

}  // namespace
}  // namespace gregor::program

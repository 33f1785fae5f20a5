// Log directories that cannot be read when the broker starts: one of several is offline and the rest serves; when it is
// back, so is what it holds. A symbolic link to itself stands for the disk that fails: nobody can read it, not even
// root.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/gregor/support/running_broker.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;

class BrokenDirectory {
 public:
  explicit BrokenDirectory(std::string path) : path_(std::move(path)) {
    if (fs::exists(path_)) fs::rename(path_, path_ + ".kept");
    fs::create_directory_symlink(path_, path_);
  }
  void mend() {
    fs::remove(path_);
    if (fs::exists(path_ + ".kept")) fs::rename(path_ + ".kept", path_);
  }

 private:
  const std::string path_;
};

void expect_clean_end(RunningBroker& broker) {
  broker.program().signal(SIGTERM);
  EXPECT_EQ(broker.program().wait(), 0) << broker.program().errors();
}

const std::vector<std::string> kTopics{"t0", "t1", "t2", "t3"};

/// The topics whose record can be read; the others must say why not.
std::set<std::string> readable(const RunningBroker& broker) {
  std::set<std::string> found;
  for (const std::string& topic : kTopics) {
    const Ended read = run_program({"consume", topic, "--bootstrap-server", broker.address(), "--timeout-ms", "1000"});
    if (read.exit == 0) found.insert(topic);
    EXPECT_EQ(read.output, read.exit == 0 ? "record of " + topic + "\n" : "") << read.errors;
    EXPECT_EQ(read.errors.empty(), read.exit == 0) << read.errors;
  }
  return found;
}

TEST(OfflineDirectory, OneOfSeveralIsLeftOutAndTheRestServes) {
  const Scratch scratch("offline");
  const std::string both = (scratch / "a") + "," + (scratch / "b");
  {
    RunningBroker broker(both);
    ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
    for (const std::string& topic : kTopics) {
      ASSERT_EQ(broker.run({"produce", topic}, "record of " + topic + "\n").exit, 0);
    }
    expect_clean_end(broker);
  }
  std::set<std::string> in_a;
  for (const std::string& topic : kTopics) {
    if (fs::exists(scratch / ("a/" + topic + "-0"))) in_a.insert(topic);
  }
  ASSERT_GT(in_a.size(), 0U);
  ASSERT_LT(in_a.size(), kTopics.size());
  BrokenDirectory broken(scratch / "b");
  for (int life = 1; life <= 2; ++life) {
    RunningBroker broker(both);
    ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
    EXPECT_EQ(readable(broker), in_a);
    EXPECT_EQ(broker.run({"produce", "new"}, "n\n").exit, 0);
    expect_clean_end(broker);
    EXPECT_NE(broker.program().errors().find("directory.offline"), std::string::npos) << broker.program().errors();
  }
  broken.mend();
  RunningBroker broker(both);
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  EXPECT_EQ(readable(broker), std::set(kTopics.begin(), kTopics.end())) << "nothing was made anew";
  EXPECT_EQ(broker.run({"consume", "new"}).output, "n\nn\n");
  expect_clean_end(broker);
}

TEST(OfflineDirectory, WithoutTheMetadatasOrTheOnlyOneTheBrokerRefusesInOneLine) {
  const Scratch scratch("offline-all");
  BrokenDirectory broken(scratch / "a");
  for (const std::string& directories : {scratch / "a", (scratch / "a") + "," + (scratch / "b")}) {
    const Ended ended = run_program({"broker", "--set", "log.dirs=" + directories, "--port", "0"});
    EXPECT_EQ(ended.exit, 2);
    EXPECT_NE(ended.errors.find(scratch / "a"), std::string::npos) << ended.errors;
    EXPECT_EQ(std::count(ended.errors.begin(), ended.errors.end(), '\n'), 1) << ended.errors;
    EXPECT_FALSE(fs::exists(scratch / "b")) << "nothing was touched";
  }
  const Ended no_place = run_program({"broker", "--set", "log.dirs=" + (scratch / "a"), "--set",
                                      "metadata.log.dir=" + (scratch / "m"), "--port", "0"});
  EXPECT_EQ(no_place.exit, 2) << no_place.errors;
}

}  // namespace
}  // namespace gregor::program

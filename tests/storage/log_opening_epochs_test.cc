// Leader epochs after a crash: the headers of the batches that were read win over the file.
#include <gtest/gtest.h>

#include "tests/storage/support/log_home.h"

namespace gregor::storage {
namespace {

const std::string kFile = "leader-epoch-checkpoint";
using Entries = std::vector<EpochEntry>;

EpochEntry entry(std::int32_t epoch, std::int64_t start) {
  return {LeaderEpoch{epoch}, Offset{start}};
}

/// Batches at 0, 1 (epoch 2), 2, 3 (epoch 5).
struct TwoEpochs {
  LogHome home;
  TwoEpochs() {
    home.run([&](env::Fiber& self, env::Shard& shard) {
      auto log = home.open(self, shard).value();
      home.fill(self, *log,
                {{.base_offset = 0, .leader_epoch = 2},
                 {.base_offset = 1, .leader_epoch = 2},
                 {.base_offset = 2, .leader_epoch = 5},
                 {.base_offset = 3, .leader_epoch = 5}});
      EXPECT_TRUE(log->close(self));
    });
  }
  Entries entries(const LogCheckpoints& checkpoints = {}) {
    return home.run([&](env::Fiber& self, env::Shard& shard) {
      return home.open(self, shard, checkpoints).value()->leader_epochs().entries();
    });
  }
};

TEST(LogOpeningEpochs, TheFileOfACleanEndIsTaken) {
  TwoEpochs log;
  EXPECT_EQ(log.entries({.clean_shutdown = true}), (Entries{entry(2, 0), entry(5, 2)}));
}

TEST(LogOpeningEpochs, WithoutAReadableFileTheHeadersOfTheWholeLogAreAsked) {
  for (const bool is_clean : {true, false}) {
    for (const std::string_view content : {"0\n2\n2 0\n", "what?", "0\n2\n5 0\n2 2\n"}) {
      TwoEpochs log;
      log.home.put(kFile, bytes_of(content));
      EXPECT_EQ(log.entries({.clean_shutdown = is_clean}), (Entries{entry(2, 0), entry(5, 2)})) << content;
      EXPECT_EQ(text_of(log.home.content(kFile)), "0\n2\n2 0\n5 2\n") << "and written again";
    }
  }
}

TEST(LogOpeningEpochs, AnEntryForRecordsThatTheCrashTookGoes) {
  TwoEpochs log;
  log.home.put(kFile, bytes_of("0\n3\n2 0\n5 2\n6 4\n"));
  EXPECT_EQ(log.entries(), (Entries{entry(2, 0), entry(5, 2)}));
}

TEST(LogOpeningEpochs, AnEntryThatTheCrashKeptFromTheFileIsFoundInTheHeaders) {
  TwoEpochs log;
  log.home.put(kFile, bytes_of("0\n1\n2 0\n"));
  EXPECT_EQ(log.entries(), (Entries{entry(2, 0), entry(5, 2)}));
}

TEST(LogOpeningEpochs, AnEntryThatContradictsTheHeadersGoes) {
  TwoEpochs log;
  log.home.put(kFile, bytes_of("0\n3\n2 0\n3 1\n5 3\n"));
  EXPECT_EQ(log.entries(), (Entries{entry(2, 0), entry(5, 2)}));
}

TEST(LogOpeningEpochs, EntriesFollowTheLogStart) {
  TwoEpochs log;
  EXPECT_EQ(log.entries({.clean_shutdown = true, .log_start_offset = Offset{3}}), Entries{entry(5, 3)});
}

TEST(LogOpeningEpochs, AnEpochBelowTheRecoveryPointIsTheFiles) {
  LogHome home;
  home.config.segment_bytes = 100;
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard).value();
    home.fill(self, *log, {{.base_offset = 0, .leader_epoch = 1}, {.base_offset = 1, .leader_epoch = 4}});
  });
  home.put(kFile, bytes_of("0\n1\n1 0\n"));
  home.run([&](env::Fiber& self, env::Shard& shard) {
    auto log = home.open(self, shard, {.recovery_point = Offset{1}}).value();
    EXPECT_EQ(log->leader_epochs().entries(), (Entries{entry(1, 0), entry(4, 1)}));
  });
}

}  // namespace
}  // namespace gregor::storage

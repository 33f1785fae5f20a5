// A data directory: its lock, its checkpoints, the mark of a clean end, and hands off what is not ours.
#include "storage/log_directory.h"

#include <gtest/gtest.h>

#include "sim/run_fiber.h"
#include "storage/clean_shutdown.h"
#include "storage/partition_metadata.h"

namespace gregor::storage {
namespace {

const TopicPartition kOrders{"orders", Uuid{1, 2}, PartitionIndex{0}};
const CheckpointKey kOrdersKey{"orders", PartitionIndex{0}};

class LogDirectoryOnDisk : public testing::Test {
 protected:
  LogDirectoryOnDisk() { image_->put_file("d/.lock", {}); }
  template <class Body>
  void run(Body body) {
    sim::run_fiber({.disk = image_}, [&](env::Fiber& self, env::Shard& shard) { body(self, shard); });
  }
  /// Opens it and hands it over.
  template <class Body>
  void with_directory(Body body) {
    run([&](env::Fiber& self, env::Shard& shard) {
      auto directory = LogDirectory::open(self, shard.disk, log_, "d");
      ASSERT_TRUE(directory) << directory.error().text;
      body(self, **directory);
    });
  }
  Error refusal(const std::string& path = "d") {
    Error error;
    run([&](env::Fiber& self, env::Shard& shard) {
      const auto directory = LogDirectory::open(self, shard.disk, log_, path);
      EXPECT_FALSE(directory);
      if (!directory) error = directory.error();
    });
    return error;
  }
  void put(const std::string& name, std::string_view content) { image_->put_file("d/" + name, bytes_of(content)); }

  observe::NullLog log_;
  std::shared_ptr<sim::DiskImage> image_ = std::make_shared<sim::DiskImage>();
};

TEST_F(LogDirectoryOnDisk, AnAbsentDirectoryIsMadeDurably) {
  run([&](env::Fiber& self, env::Shard& shard) {
    auto directory = LogDirectory::open(self, shard.disk, log_, "fresh");
    ASSERT_TRUE(directory);
    EXPECT_FALSE((*directory)->meta());
    EXPECT_FALSE((*directory)->was_clean_shutdown());
    EXPECT_TRUE((*directory)->folders().empty());
    EXPECT_EQ((*directory)->path(), "fresh");
  });
}

/// What a life left that died between a change of names and its fsync is there, and gone with the power.
TEST_F(LogDirectoryOnDisk, NamesThatAFormerLifeLeftUnsyncedAreDurableOnceItIsOpened) {
  run([&](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(shard.disk.make_directory(self, "d/__cluster_metadata-0"));
    ASSERT_TRUE(shard.disk.make_directory(self, "fresh"));
  });
  EXPECT_EQ(image_->names().find_durable("d/__cluster_metadata-0"), nullptr);
  run([&](env::Fiber& self, env::Shard& shard) {
    ASSERT_TRUE(LogDirectory::open(self, shard.disk, log_, "d"));
    ASSERT_TRUE(LogDirectory::open(self, shard.disk, log_, "fresh"));
  });
  EXPECT_NE(image_->names().find_durable("d/__cluster_metadata-0"), nullptr);
  EXPECT_NE(image_->names().find_durable("fresh"), nullptr);
}

TEST_F(LogDirectoryOnDisk, TwoProcessesDoNotShareADirectory) {
  run([&](env::Fiber& self, env::Shard& shard) {
    auto first = LogDirectory::open(self, shard.disk, log_, "d");
    ASSERT_TRUE(first);
    image_->unlock_all();
    ASSERT_TRUE(image_->lock("d/.lock", 4711)) << "another process";
    EXPECT_EQ(LogDirectory::open(self, shard.disk, log_, "d").error().code, Errc::exists);
  });
}

TEST_F(LogDirectoryOnDisk, ForeignFilesAreNamedAndNothingIsTouched) {
  image_ = std::make_shared<sim::DiskImage>();
  put("holiday.jpg", "a picture");
  const Error error = refusal();
  EXPECT_EQ(error.code, Errc::invalid);
  EXPECT_NE(error.text.find("holiday.jpg"), std::string::npos) << error.text;
  EXPECT_EQ(image_->file_paths(), std::vector<std::string>{"d/holiday.jpg"}) << "not even a lock is left there";
}

TEST_F(LogDirectoryOnDisk, AForeignFolderIsRefusedToo) {
  put("my documents/letter", "dear");
  EXPECT_EQ(refusal().code, Errc::invalid);
}

TEST_F(LogDirectoryOnDisk, AFileIsNoDirectory) {
  put("file", "");
  EXPECT_EQ(refusal("d/file").code, Errc::invalid);
}

TEST_F(LogDirectoryOnDisk, WhatKafkaPutsThereIsNotForeign) {
  for (const std::string name : {"meta.properties.tmp", "cleaner-offset-checkpoint", "bootstrap.checkpoint",
                                 "recovery-point-offset-checkpoint.tmp", "remote-log-index-cache/x", "lost+found/x"}) {
    put(name, "");
  }
  with_directory([](env::Fiber&, LogDirectory& directory) { EXPECT_TRUE(directory.folders().empty()); });
}

TEST_F(LogDirectoryOnDisk, FoldersAreFoundWithTheirTopics) {
  image_->put_file("d/orders-0/partition.metadata", format_partition_metadata(Uuid{1, 2}));
  put("orders-1/00000000000000000000.log", "");
  put("torn-0/partition.metadata", "versi");
  put("old-3.0123456789abcdef0123456789abcdef-delete/x", "");
  with_directory([](env::Fiber&, LogDirectory& directory) {
    const auto& folders = directory.folders();
    ASSERT_EQ(folders.size(), 4U);
    EXPECT_EQ(folders[0].topic.stage, FolderStage::deleted);
    EXPECT_EQ(folders[1].topic_id, (Uuid{1, 2}));
    EXPECT_EQ(folders[2].topic_id, std::nullopt);
    EXPECT_EQ(folders[3].topic.topic, "torn");
    EXPECT_EQ(folders[3].topic_id, std::nullopt) << "a folder that was just being made";
  });
}

TEST_F(LogDirectoryOnDisk, ADamagedCheckpointIsAnErrorAndNotAnEmptyOne) {
  put("recovery-point-offset-checkpoint", "0\n5\n");
  EXPECT_EQ(refusal().code, Errc::malformed);
}

TEST_F(LogDirectoryOnDisk, CheckpointsComeBack) {
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.write_recovery_points(self, {{kOrdersKey, Offset{10}}}));
    ASSERT_TRUE(directory.write_log_starts(self, {{kOrdersKey, Offset{3}}}));
    ASSERT_TRUE(directory.write_high_watermarks(self, {{kOrdersKey, Offset{8}}}));
    MetaProperties meta;
    meta.node_id = NodeId{4};
    ASSERT_TRUE(directory.write_meta(self, meta));
  });
  with_directory([](env::Fiber&, LogDirectory& directory) {
    const auto checkpoints = directory.checkpoints_of("orders", PartitionIndex{0});
    EXPECT_EQ(checkpoints.recovery_point, Offset{10});
    EXPECT_EQ(checkpoints.log_start_offset, Offset{3});
    EXPECT_EQ(directory.high_watermark_of("orders", PartitionIndex{0}), Offset{8});
    EXPECT_EQ(directory.meta()->node_id, NodeId{4});
    EXPECT_EQ(directory.checkpoints_of("orders", PartitionIndex{1}).recovery_point, Offset{0}) << "absent is 0";
    EXPECT_EQ(directory.high_watermark_of("none", PartitionIndex{0}), Offset{0});
  });
}

TEST_F(LogDirectoryOnDisk, ARecoveryPointIsOnlyEverLowered) {
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.write_recovery_points(self, {{kOrdersKey, Offset{10}}}));
    ASSERT_TRUE(directory.lower(self, kOrders, Offset{20}));
    EXPECT_EQ(directory.checkpoints_of("orders", PartitionIndex{0}).recovery_point, Offset{10});
    ASSERT_TRUE(directory.lower(self, kOrders, Offset{6}));
    EXPECT_EQ(directory.checkpoints_of("orders", PartitionIndex{0}).recovery_point, Offset{6});
  });
  EXPECT_EQ(text_of(image_->durable_content_of("d/recovery-point-offset-checkpoint").value()), "0\n1\norders 0 6\n");
}

TEST_F(LogDirectoryOnDisk, ARecoveryPointThatCouldNotBeLoweredIsLoweredByTheNextTry) {
  with_directory([this](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.write_recovery_points(self, {{kOrdersKey, Offset{10}}}));
    image_->law().capacity_bytes = image_->used_bytes();
    EXPECT_EQ(directory.lower(self, kOrders, Offset{6}).error().code, Errc::no_space);
    image_->law().capacity_bytes = sim::DiskLaw{}.capacity_bytes;
    ASSERT_TRUE(directory.lower(self, kOrders, Offset{6}));
  });
  EXPECT_EQ(text_of(image_->durable_content_of("d/recovery-point-offset-checkpoint").value()), "0\n1\norders 0 6\n");
}

TEST_F(LogDirectoryOnDisk, TheMarkOfACleanEndIsForOneLife) {
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.mark_clean_shutdown(self, true, BrokerEpoch{77}));
  });
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    EXPECT_TRUE(directory.was_clean_shutdown());
    EXPECT_TRUE(directory.checkpoints_of("orders", PartitionIndex{0}).clean_shutdown);
    EXPECT_EQ(directory.previous_broker_epoch(), BrokerEpoch{77});
    ASSERT_TRUE(directory.begin_use(self));
    ASSERT_TRUE(directory.begin_use(self)) << "absent is fine";
  });
  EXPECT_FALSE(image_->durable_content_of("d/.kafka_cleanshutdown"));
  with_directory([](env::Fiber&, LogDirectory& directory) {
    EXPECT_FALSE(directory.was_clean_shutdown());
    EXPECT_EQ(directory.previous_broker_epoch(), std::nullopt);
  });
}

TEST_F(LogDirectoryOnDisk, NoMarkIsSetWhereALogDidNotClose) {
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.mark_clean_shutdown(self, false, BrokerEpoch{77}));
  });
  EXPECT_FALSE(image_->content_of("d/.kafka_cleanshutdown"));
}

TEST_F(LogDirectoryOnDisk, AFolderIsMadeOnceForATopicId) {
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    EXPECT_EQ(directory.create_folder(self, kOrders).value(), "d/orders-0");
    EXPECT_EQ(directory.create_folder(self, kOrders).value(), "d/orders-0");
    TopicPartition other = kOrders;
    other.topic_id = Uuid{3, 4};
    EXPECT_EQ(directory.create_folder(self, other).error().code, Errc::exists);
  });
  EXPECT_EQ(image_->durable_content_of("d/orders-0/partition.metadata"), format_partition_metadata(Uuid{1, 2}));
}

TEST_F(LogDirectoryOnDisk, AFolderThatACrashLeftUnnamedIsTakenAnew) {
  put("orders-0/partition.metadata", "versi");
  with_directory(
      [](env::Fiber& self, LogDirectory& directory) { EXPECT_TRUE(directory.create_folder(self, kOrders)); });
  EXPECT_EQ(image_->content_of("d/orders-0/partition.metadata"), format_partition_metadata(Uuid{1, 2}));
}

TEST_F(LogDirectoryOnDisk, ADeletedFolderIsRenamedForgottenAndRemoved) {
  with_directory([](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.create_folder(self, kOrders));
    ASSERT_TRUE(directory.write_recovery_points(self, {{kOrdersKey, Offset{10}}}));
    ASSERT_TRUE(directory.write_high_watermarks(self, {{kOrdersKey, Offset{10}}}));
    const std::string name = directory.mark_folder_deleted(self, "orders-0", Uuid{5, 6}).value();
    EXPECT_EQ(directory.checkpoints_of("orders", PartitionIndex{0}).recovery_point, Offset{0});
    EXPECT_EQ(directory.high_watermark_of("orders", PartitionIndex{0}), Offset{0}) << "a topic made anew begins at 0";
    ASSERT_TRUE(directory.remove_folder(self, name));
    EXPECT_EQ(directory.mark_folder_deleted(self, "no partition", Uuid{5, 6}).error().code, Errc::invalid);
  });
  for (const std::string& path : image_->file_paths()) EXPECT_EQ(path.find("orders"), std::string::npos) << path;
}

TEST_F(LogDirectoryOnDisk, TheFolderOfACopyIsFoundByTheNextLifeAndNeverSharedByTwo) {
  std::string name;
  with_directory([&](env::Fiber& self, LogDirectory& directory) {
    name = directory.create_future_folder(self, kOrders, Uuid{5, 6}).value();
    EXPECT_EQ(directory.create_future_folder(self, kOrders, Uuid{5, 6}).error().code, Errc::exists);
  });
  RandomStream torn(1);
  image_->lose_power(torn);
  with_directory([&](env::Fiber& self, LogDirectory& directory) {
    ASSERT_EQ(directory.folders().size(), 1U);
    EXPECT_EQ(directory.folders()[0].name, name);
    EXPECT_EQ(directory.folders()[0].topic.stage, FolderStage::future);
    EXPECT_EQ(directory.folders()[0].topic_id, kOrders.topic_id);
    ASSERT_TRUE(directory.rename_folder(self, name, "orders-0"));
  });
  EXPECT_TRUE(image_->durable_content_of("d/orders-0/partition.metadata"));
}

TEST_F(LogDirectoryOnDisk, LinesOfALogThatMovedAwayAreNotTakenForThoseOfTheNextOfItsName) {
  with_directory([&](env::Fiber& self, LogDirectory& directory) {
    ASSERT_TRUE(directory.write_log_starts(self, {{kOrdersKey, Offset{7}}}));
    ASSERT_TRUE(directory.write_cleaned(self, {{kOrdersKey, Offset{9}}}));
    EXPECT_TRUE(directory.has_lines(kOrdersKey));
    ASSERT_TRUE(directory.create_folder(self, kOrders));
    EXPECT_FALSE(directory.has_lines(kOrdersKey));
  });
  with_directory([&](env::Fiber& self, LogDirectory& directory) {
    EXPECT_FALSE(directory.has_lines(kOrdersKey)) << "durably";
    ASSERT_TRUE(directory.write_log_starts(self, {{kOrdersKey, Offset{8}}}));
    ASSERT_TRUE(directory.create_folder(self, kOrders));
    EXPECT_TRUE(directory.has_lines(kOrdersKey)) << "a folder that is there has its lines";
  });
}

}  // namespace
}  // namespace gregor::storage

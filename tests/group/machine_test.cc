// Loading: what the log says becomes what the machine knows. Sources: our own records, and those of a Kafka 4.3.1
// (../shared/kafka-files/groups), whose coordinator's own view of the result is in expected.json.
#include "group/machine.h"

#include <cctype>
#include <filesystem>

#include "record/record_view.h"
#include "tests/group/support/group_rig.h"
#include "tests/storage/support/kafka_files.h"
#include "wire/group_records.h"
#include "wire/record_frame.h"

namespace gregor::group {
namespace {

TEST(Load, MembersKeepTheirGenerationAndGetAFreshSession) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  rig.commit(5, member, 1);
  rig.pass(Milliseconds(9'000));
  rig.restart();
  EXPECT_EQ(rig.fetch().offset, Offset{5});
  rig.pass(Milliseconds(9'000));
  EXPECT_EQ(rig.heartbeat(member, 1), ErrorCode::none);
  EXPECT_EQ(text_of(rig.synced(rig.sync(member, 1)).assignment), "plan");
  rig.pass(Milliseconds(10'000));
  EXPECT_EQ(rig.heartbeat(member, 1), ErrorCode::unknown_member_id);
}

TEST(Load, WhoWaitsIsToldToLookElsewhere) {
  GroupRig rig;
  const Token waiting = rig.join({});
  rig.restart();
  EXPECT_EQ(rig.joined(waiting).error, ErrorCode::not_coordinator);
}

TEST(Load, AGroupOverItsNewLimitRebalances) {
  GroupRig rig;
  const std::string member = rig.settled_member();
  rig.settings.members_max = 0;
  rig.restart();
  EXPECT_EQ(rig.heartbeat(member, 1), ErrorCode::rebalance_in_progress);
}

// KAFKA-17306: a compacted log holds tombstones of what is not there.
TEST(Load, TombstonesOfNothingAndForeignRecordsDoNoHarm) {
  GroupRig rig;
  GroupMachine& machine = rig.machine;
  const auto offset_key = *wire::encode_key(wire::OffsetCommitKey{.group = "g", .topic = "t", .partition = 0});
  const auto group_key = *wire::encode_key(wire::GroupMetadataKey{.group = "g"});
  EXPECT_TRUE(machine.apply({.key = offset_key, .value = {}}, rig.now));
  EXPECT_TRUE(machine.apply({.key = group_key, .value = {}}, rig.now));
  const ByteBuffer future{std::byte{0}, std::byte{99}, std::byte{1}};
  EXPECT_EQ(machine.apply({.key = future, .value = {}}, rig.now).error().code, Errc::unsupported);
  const ByteBuffer torn{std::byte{0}, std::byte{3}, std::byte{9}};
  EXPECT_EQ(machine.apply({.key = group_key, .value = Bytes(torn)}, rig.now).error().code, Errc::malformed);
  EXPECT_EQ(machine.counts().groups, 0U);
}

TEST(Load, FirstKafkasOffsetsAreRead) {
  GroupRig rig;
  const auto key = *wire::encode_key(wire::LegacyOffsetCommitKey{.group = "g", .topic = "t", .partition = 0});
  const auto value = *wire::encode_versioned(wire::LegacyOffsetCommitValue{.offset = 12, .metadata = "old"}, 0);
  ASSERT_TRUE(rig.machine.apply({.key = key, .value = Bytes(value)}, rig.now));
  EXPECT_EQ(rig.fetch().offset, Offset{12});
  EXPECT_EQ(rig.fetch().metadata, "old");
}

TEST(Load, GroupsOfNewerTypesAreKeptApart) {
  GroupRig rig;
  const auto key = *wire::encode_key(wire::ConsumerGroupMetadataKey{.group_id = "g"});
  const auto value = *wire::encode_versioned(wire::ConsumerGroupMetadataValue{.epoch = 3}, 0);
  ASSERT_TRUE(rig.machine.apply({.key = key, .value = Bytes(value)}, rig.now));
  const auto offset_key = *wire::encode_key(wire::OffsetCommitKey{.group = "g", .topic = "t", .partition = 0});
  const auto offset = *wire::encode_versioned(wire::OffsetCommitValue{.offset = 4, .metadata = ""}, 3);
  ASSERT_TRUE(rig.machine.apply({.key = offset_key, .value = Bytes(offset)}, rig.now));
  rig.take(rig.machine.finish_load(rig.now));

  EXPECT_EQ(rig.machine.other_records().at("ConsumerGroupMetadataKey"), 1U);
  EXPECT_EQ(rig.fetch().offset, Offset{4}) << "readers may still ask where they were";
  EXPECT_EQ(rig.joined(rig.join({})).error, ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(rig.commit(9), ErrorCode::unknown_member_id);
  EXPECT_EQ(rig.describe("g", 6).error_message, "Group g is not a classic group.");
  rig.pass(Milliseconds(1'000'000'000));
  rig.take(rig.machine.expire(rig.now));
  EXPECT_TRUE(rig.log.empty());
  EXPECT_EQ(rig.fetch().offset, Offset{4});
}

void replay_segment(const ByteBuffer& file, GroupMachine& machine, const Now& now) {
  record::CodecScratch scratch;
  for (Bytes rest = file; !rest.empty();) {
    const auto batch = record::BatchView::parse(rest);
    ASSERT_TRUE(batch.has_value());
    rest = rest.subspan(batch->size());
    ASSERT_FALSE(batch->is_control());
    const auto plain = record::PlainRecords::of(*batch, scratch);
    ASSERT_TRUE(plain.has_value());
    record::RecordIterator records(*batch, plain->bytes());
    for (;;) {
      const auto record = records.next();
      ASSERT_TRUE(record.has_value());
      if (!*record) break;
      ASSERT_TRUE(machine.apply({.key = *(*record)->key, .value = (*record)->value}, now).has_value());
    }
  }
}

TEST(Load, AKafkasGroupsAreWhatKafkaSaysTheyAre) {
  const auto found = storage::kafka_case("groups");
  if (!found) GTEST_SKIP() << "no Kafka files beside the source tree (GREGOR_KAFKA_FILES names another place)";
  GroupRig rig;
  for (int partition = 0; partition < 4; ++partition) {
    const auto folder = found->files / "n1" / ("__consumer_offsets-" + std::to_string(partition));
    for (const std::string& name : storage::names_in(folder)) {
      if (name.ends_with(".log")) replay_segment(storage::file_content(folder / name), rig.machine, rig.now);
    }
  }
  const Caller asker = rig.caller(5);
  rig.take(rig.machine.list_groups(asker, {}));
  std::map<std::string, ListedGroup> listed;
  for (const ListedGroup& group : rig.reply<ListReply>(asker.token)->groups) listed.emplace(group.group_id, group);
  const auto& expected = found->expected.at("wire").at("groups");
  EXPECT_EQ(listed.size(), expected.size());
  for (const auto& [id, facts] : expected.items()) {
    ASSERT_TRUE(listed.contains(id)) << id;
    std::string type = facts.at("type").get<std::string>();
    type[0] = static_cast<char>(std::tolower(type[0]));
    EXPECT_EQ(listed[id].type, type) << id;
    EXPECT_EQ(listed[id].protocol_type, facts.at("protocol").get<std::string>()) << id;
    if (type == "classic") {
      EXPECT_EQ(listed[id].state, facts.at("state").get<std::string>()) << id;
    }
    for (const auto& [place, offset] : facts.at("offsets").items()) {
      if (!offset.contains("offset")) continue;  // of a share group: not committed here
      const std::string topic = place.substr(0, place.rfind('-'));
      const int partition = std::stoi(place.substr(place.rfind('-') + 1));
      AskedOffsets asked{.group_id = id};
      asked.topics = {{.topic = topic, .topic_id = {}, .partitions = {partition}}};
      const Caller reader = rig.caller(8);
      rig.take(rig.machine.fetch_offsets(reader, asked, rig.now));
      const FetchedOffset fetched = rig.reply<OffsetFetchReply>(reader.token)->topics.at(0).partitions.at(0);
      EXPECT_EQ(fetched.offset.value(), offset.at("offset").get<std::int64_t>()) << id << ' ' << place;
      EXPECT_EQ(fetched.metadata, offset.at("metadata").get<std::string>()) << id << ' ' << place;
      EXPECT_EQ(fetched.leader_epoch.value(), offset.value("leaderEpoch", -1)) << id << ' ' << place;
    }
  }
}

}  // namespace
}  // namespace gregor::group

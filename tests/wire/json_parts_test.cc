#include "wire/json_parts.h"

#include <gtest/gtest.h>

#include "wire/produce.h"
#include "wire/raft_records.h"

namespace gregor::wire {
namespace {

std::string refusal(std::string_view text, std::int16_t version = 9) {
  Arena arena;
  ProduceRequest request;
  const auto done = from_json(Json::parse(text).value(), request, version, arena);
  return done ? "taken" : done.error().text;
}

TEST(FromJson, AFaultNamesThePath) {
  EXPECT_EQ(refusal(R"({"transactionalId":null,"acks":1,"timeoutMs":2})"), "ProduceRequest v9: topicData: is missing");
  EXPECT_EQ(refusal(R"({"transactionalId":null,"acks":40000,"timeoutMs":2,"topicData":[]})"),
            "ProduceRequest v9: acks: a number outside of the field's range");
  EXPECT_EQ(
      refusal(
          R"({"transactionalId":null,"acks":1,"timeoutMs":2,"topicData":[{"name":"t","partitionData":[{"index":0,"records":"*"}]}]})"),
      "ProduceRequest v9: topicData[0].partitionData[0].records: base64 was expected");
  EXPECT_EQ(refusal("[]"), "ProduceRequest v9: an object was expected");
  EXPECT_EQ(refusal(R"({"transactionalId":null,"acks":1,"timeoutMs":2,"topicData":[]})"), "taken");
}

TEST(FromJson, TextsOutliveTheirJson) {
  Arena arena;
  ProduceRequest request;
  {
    const Json json =
        Json::parse(
            R"({"transactionalId":"a text longer than any small string","acks":1,"timeoutMs":2,"topicData":[]})")
            .value();
    ASSERT_TRUE(from_json(json, request, 9, arena));
  }
  EXPECT_EQ(request.transactional_id, "a text longer than any small string");
}

TEST(ToJson, QuorumStateReadsAsItsFile) {
  const QuorumStateData state{.leader_id = 1, .leader_epoch = 4, .voted_id = -1};
  EXPECT_EQ(to_json(state, 1).to_text(),
            R"({"leaderId":1,"leaderEpoch":4,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA"})");
}

}  // namespace
}  // namespace gregor::wire

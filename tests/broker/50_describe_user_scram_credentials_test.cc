// AlterUserScramCredentials and DescribeUserScramCredentials over the wire.
#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"
#include "wire/alter_user_scram_credentials.h"
#include "wire/describe_user_scram_credentials.h"

namespace gregor::broker {
namespace {

using namespace test;
using wire::ErrorCode;

TEST(ScramCredentialsApi, AreSetToldAndDeleted) {
  NodeWorld w;
  const ByteBuffer salt(8, std::byte{1});
  const ByteBuffer password(32, std::byte{2});
  const auto told = [](Peer& peer) {
    wire::DescribeUserScramCredentialsRequest request;
    request.users.reset();
    return peer.ask<wire::DescribeUserScramCredentialsResponse>(request, 0);
  };
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    wire::AlterUserScramCredentialsRequest set;
    set.upsertions.push_back(
        {.name = "u", .mechanism = 1, .iterations = 4096, .salt = salt, .salted_password = password});
    set.upsertions.push_back({.name = "v", .mechanism = 1, .iterations = 1, .salt = salt, .salted_password = password});
    const auto answer = peer.ask<wire::AlterUserScramCredentialsResponse>(set, 0);
    ASSERT_EQ(answer.body.results.size(), 2U);
    EXPECT_EQ(answer.body.results[0].error_code, 0);
    EXPECT_EQ(answer.body.results[1].error_code, code(ErrorCode::unacceptable_credential));
  });
  w.restart();
  w.run([&](const Client& client) {
    Peer peer = client.connect();
    const auto all = told(peer);
    ASSERT_EQ(all.body.results.size(), 1U);
    EXPECT_EQ(all.body.results[0].user, "u");
    EXPECT_EQ(all.body.results[0].credential_infos.at(0).iterations, 4096);
    wire::AlterUserScramCredentialsRequest remove;
    remove.deletions.push_back({.name = "u", .mechanism = 1});
    EXPECT_EQ(peer.ask<wire::AlterUserScramCredentialsResponse>(remove, 0).body.results.at(0).error_code, 0);
    EXPECT_TRUE(told(peer).body.results.empty());
  });
}

}  // namespace
}  // namespace gregor::broker

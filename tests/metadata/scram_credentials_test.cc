// SCRAM credentials as data: who may be changed, what is kept, what is told.
#include "metadata/scram_credentials.h"

#include <gtest/gtest.h>

#include "metadata/scram_keys.h"
#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;

ScramUpsertion upsertion(const std::string& user, std::int8_t mechanism = kScramSha256,
                         std::int32_t iterations = 4096) {
  return {.user = user,
          .mechanism = mechanism,
          .iterations = iterations,
          .salt = ByteBuffer(8, std::byte{1}),
          .salted_password = ByteBuffer(32, std::byte{2})};
}

struct Bench {
  std::map<std::string, ErrorCode> alter(const AlterScramCredentials& request) {
    auto decision = decide_alter_scram_credentials(log.image(), request);
    log.write(decision.records);
    std::map<std::string, ErrorCode> errors;
    for (const auto& reply : decision.replies) errors[reply.user] = reply.error;
    return errors;
  }
  ErrorCode alter(const ScramUpsertion& one) { return alter(AlterScramCredentials{.upsertions = {one}}).at(one.user); }
  ErrorCode alter(const ScramDeletion& one) { return alter(AlterScramCredentials{.deletions = {one}}).at(one.user); }
  TestLog log;
};

TEST(ScramCredentials, WhatIsKeptChecksAPasswordAndIsNone) {
  Bench bench;
  const ScramUpsertion asked = upsertion("u");
  EXPECT_EQ(bench.alter(asked), ErrorCode::none);
  const ScramCredential* kept = bench.log.image().scram_credentials().find(ScramKey{"u", kScramSha256});
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->stored_key, scram_keys_of(kScramSha256, asked.salted_password).stored_key);
  EXPECT_EQ(kept->salt, asked.salt);
  EXPECT_EQ(bench.log.image().to_text().find("scram u/1 iterations=4096 salt=") == std::string::npos, false);
}

TEST(ScramCredentials, EachRefusalHasItsCode) {
  Bench bench;
  EXPECT_EQ(bench.alter(upsertion("")), ErrorCode::unacceptable_credential);
  EXPECT_EQ(bench.alter(upsertion("u", kScramSha256, 4095)), ErrorCode::unacceptable_credential);
  EXPECT_EQ(bench.alter(upsertion("u", kScramSha256, 16385)), ErrorCode::unacceptable_credential);
  EXPECT_EQ(bench.alter(upsertion("u", 7)), ErrorCode::unsupported_sasl_mechanism);
  EXPECT_EQ(bench.alter(ScramDeletion{"u", kScramSha256}), ErrorCode::resource_not_found);
  EXPECT_TRUE(bench.log.image().scram_credentials().empty());
}

TEST(ScramCredentials, WhoIsNamedTwiceIsNotChanged) {
  Bench bench;
  ASSERT_EQ(bench.alter(upsertion("old")), ErrorCode::none);
  const auto errors = bench.alter(
      AlterScramCredentials{.deletions = {{"old", kScramSha256}},
                            .upsertions = {upsertion("old"), upsertion("new"), upsertion("two"), upsertion("two")}});
  EXPECT_EQ(errors.at("old"), ErrorCode::duplicate_resource);
  EXPECT_EQ(errors.at("two"), ErrorCode::duplicate_resource);
  EXPECT_EQ(errors.at("new"), ErrorCode::none);
  EXPECT_EQ(bench.log.image().scram_credentials().size(), 2U);
}

TEST(ScramCredentials, AreToldByUserAndTakenBack) {
  Bench bench;
  ASSERT_EQ(bench.alter(upsertion("u")), ErrorCode::none);
  ASSERT_EQ(bench.alter(upsertion("u", kScramSha512, 8192)), ErrorCode::none);
  const auto all = find_scram_users(bench.log.image(), {});
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all[0].credentials.size(), 2U);
  EXPECT_EQ(all[0].credentials[1].iterations, 8192);
  const auto some = find_scram_users(bench.log.image(), {"v", "u", "v", "w"});
  ASSERT_EQ(some.size(), 3U);
  EXPECT_EQ(some[0].error, ErrorCode::none);
  EXPECT_EQ(some[1].error, ErrorCode::duplicate_resource);
  EXPECT_EQ(some[2].error, ErrorCode::resource_not_found);
  EXPECT_EQ(bench.alter(ScramDeletion{"u", kScramSha256}), ErrorCode::none);
  EXPECT_EQ(bench.log.image().scram_credentials().size(), 1U);
}

}  // namespace
}  // namespace gregor::metadata

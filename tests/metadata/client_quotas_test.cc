// Client quotas as data: whom they are for, what they may be, how they are found, and that a log gives them back.
#include "metadata/client_quotas.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/metadata/support/cluster.h"

namespace gregor::metadata {
namespace {

using wire::ErrorCode;
using Entity = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct Bench {
  ErrorCode alter(const Entity& entity, const std::vector<QuotaOperation>& operations, bool validate_only = false) {
    auto decision = decide_alter_client_quotas(
        log.image(), {.entries = {{.entity = entity, .operations = operations}}, .validate_only = validate_only});
    records = decision.records.size();
    log.write(decision.records);
    return decision.replies.at(0).error;
  }
  [[nodiscard]] FoundQuotas find(std::vector<QuotaFilter::Component> parts, bool strict = false) const {
    return find_client_quotas(log.image(), {.components = std::move(parts), .strict = strict});
  }
  TestLog log;
  std::size_t records = 0;
};

TEST(ClientQuotas, AreSetToldAndTakenBack) {
  Bench bench;
  EXPECT_EQ(bench.alter({{"user", "u"}}, {{"producer_byte_rate", 1e6}, {"request_percentage", 50.5}}), ErrorCode::none);
  const auto found = bench.find({{"user", 0, "u"}});
  ASSERT_EQ(found.entries.size(), 1U);
  EXPECT_EQ(found.entries[0].second, (QuotaValues{{"producer_byte_rate", 1e6}, {"request_percentage", 50.5}}));
  EXPECT_EQ(bench.alter({{"user", "u"}}, {{"producer_byte_rate", std::nullopt}, {"request_percentage", std::nullopt}}),
            ErrorCode::none);
  EXPECT_TRUE(bench.log.image().client_quotas().empty());
}

TEST(ClientQuotas, WhatIsSoAlreadyIsNotWritten) {
  Bench bench;
  EXPECT_EQ(bench.alter({{"user", "u"}}, {{"producer_byte_rate", 5.0}}), ErrorCode::none);
  EXPECT_EQ(bench.alter({{"user", "u"}}, {{"producer_byte_rate", 5.0}}), ErrorCode::none);
  EXPECT_EQ(bench.records, 0U);
  EXPECT_EQ(bench.alter({{"user", "u"}}, {{"consumer_byte_rate", std::nullopt}}), ErrorCode::none);
  EXPECT_EQ(bench.records, 0U);
  EXPECT_EQ(bench.alter({{"user", "u"}}, {{"producer_byte_rate", 6.0}}, true), ErrorCode::none);
  EXPECT_EQ(bench.records, 0U) << "only checked";
}

TEST(ClientQuotas, WhatMakesNoSenseIsRefused) {
  Bench bench;
  const auto refused = [&](const Entity& entity, const QuotaOperation& operation) {
    return bench.alter(entity, {operation}) == ErrorCode::invalid_request;
  };
  EXPECT_TRUE(refused({{"user", "u"}}, {"no_such_rate", 1.0}));
  EXPECT_TRUE(refused({{"planet", "u"}}, {"producer_byte_rate", 1.0}));
  EXPECT_TRUE(refused({}, {"producer_byte_rate", 1.0}));
  EXPECT_TRUE(refused({{"ip", "not-an-address"}}, {"connection_creation_rate", 1.0}));
  EXPECT_TRUE(refused({{"ip", "10.0.0.256"}}, {"connection_creation_rate", 1.0}));
  EXPECT_TRUE(refused({{"ip", "10.0.0.1"}, {"user", "u"}}, {"connection_creation_rate", 1.0}));
  EXPECT_TRUE(refused({{"ip", "10.0.0.1"}}, {"producer_byte_rate", 1.0}));
  EXPECT_TRUE(refused({{"user", "u"}}, {"producer_byte_rate", -5.0}));
  EXPECT_TRUE(refused({{"user", "u"}}, {"producer_byte_rate", 0.0}));
  EXPECT_TRUE(refused({{"user", "u"}}, {"producer_byte_rate", 1.5}));
  EXPECT_TRUE(refused({{"user", "u"}}, {"producer_byte_rate", 1e30}));
  EXPECT_FALSE(refused({{"user", "u"}}, {"request_percentage", 1.5}));
  EXPECT_FALSE(refused({{"ip", "10.0.0.1"}}, {"connection_creation_rate", 10.0}));
  EXPECT_FALSE(refused({{"ip", "::1"}}, {"connection_creation_rate", 10.0}));
  EXPECT_FALSE(refused({{"user", std::nullopt}}, {"producer_byte_rate", 10.0})) << "the default user";
}

TEST(ClientQuotas, AFilterFindsByNameByDefaultAndByType) {
  Bench bench;
  const QuotaOperation rate{"producer_byte_rate", 1.0};
  ASSERT_EQ(bench.alter({{"user", "u"}}, {rate}), ErrorCode::none);
  ASSERT_EQ(bench.alter({{"user", std::nullopt}}, {rate}), ErrorCode::none);
  ASSERT_EQ(bench.alter({{"user", "u"}, {"client-id", "c"}}, {rate}), ErrorCode::none);
  EXPECT_EQ(bench.find({}).entries.size(), 3U);
  EXPECT_EQ(bench.find({{"user", 0, "u"}}).entries.size(), 2U);
  EXPECT_EQ(bench.find({{"user", 0, "u"}}, true).entries.size(), 1U);
  EXPECT_EQ(bench.find({{"user", 1, std::nullopt}}).entries.size(), 1U);
  EXPECT_EQ(bench.find({{"user", 2, std::nullopt}}).entries.size(), 3U);
  EXPECT_EQ(bench.find({{"client-id", 2, std::nullopt}, {"user", 0, "u"}}, true).entries.size(), 1U);
  EXPECT_EQ(bench.find({}, true).entries.size(), 0U);
}

TEST(ClientQuotas, AFilterThatSaysNothingIsRefused) {
  const Bench bench;
  EXPECT_EQ(bench.find({{"planet", 0, "x"}}).error, ErrorCode::unsupported_version);
  EXPECT_EQ(bench.find({{"user", 7, "x"}}).error, ErrorCode::invalid_request);
  EXPECT_EQ(bench.find({{"user", 0, std::nullopt}}).error, ErrorCode::invalid_request);
  EXPECT_EQ(bench.find({{"user", 1, "x"}}).error, ErrorCode::invalid_request);
  EXPECT_EQ(bench.find({{"user", 0, "a"}, {"user", 0, "b"}}).error, ErrorCode::invalid_request);
  EXPECT_EQ(bench.find({{"ip", 0, "10.0.0.1"}, {"user", 0, "u"}}).error, ErrorCode::invalid_request);
  EXPECT_EQ(bench.find({{"", 0, "x"}}).error, ErrorCode::invalid_request);
}

TEST(ClientQuotas, AnEntityNamedTwiceCountsOnce) {
  Bench bench;
  const AlterClientQuotas::Entry entry{.entity = {{"user", "u"}}, .operations = {{"producer_byte_rate", 1.0}}};
  const auto decision = decide_alter_client_quotas(bench.log.image(), {.entries = {entry, entry}});
  EXPECT_EQ(decision.replies.at(0).error, ErrorCode::none);
  EXPECT_EQ(decision.replies.at(1).error, ErrorCode::invalid_request);
}

// Against a map of maps: any run of changes leaves in the image what it would leave there.
RC_GTEST_PROP(ClientQuotasProperty, TheImageIsTheFoldOfWhatWasGranted,
              (const std::vector<std::tuple<unsigned, unsigned>>& run)) {
  Bench bench;
  std::map<std::string, QuotaValues> model;
  for (const auto& [who, what] : run) {
    const std::string user = "u" + std::to_string(who % 3);
    const std::string key = what % 2 == 0 ? "producer_byte_rate" : "consumer_byte_rate";
    const bool removes = what % 5 == 0;
    const double value = 1 + what % 7;
    RC_ASSERT(bench.alter({{"user", user}}, {{key, removes ? std::nullopt : std::optional(value)}}) == ErrorCode::none);
    removes ? void(model[user].erase(key)) : void(model[user][key] = value);
    if (model[user].empty()) model.erase(user);
  }
  RC_ASSERT(bench.log.image().client_quotas().size() == model.size());
  for (const auto& [user, values] : model)
    RC_ASSERT(*bench.log.image().client_quotas().find(QuotaEntity{{"user", user}}) == values);
}

}  // namespace
}  // namespace gregor::metadata

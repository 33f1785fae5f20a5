// .kafka_cleanshutdown holds the epoch that the broker was registered with (KIP-966), so that a rebirth can be told
// from a lost disk.
#include "storage/clean_shutdown.h"

#include <gtest/gtest.h>

namespace gregor::storage {
namespace {

TEST(CleanShutdown, TheMarkIsKafkasJson) {
  EXPECT_EQ(text_of(format_clean_shutdown(BrokerEpoch{42})), R"({"version":0,"brokerEpoch":42})");
}

TEST(CleanShutdown, TheEpochComesBack) {
  for (const std::int64_t epoch : {std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    EXPECT_EQ(parse_clean_shutdown(format_clean_shutdown(BrokerEpoch{epoch})), BrokerEpoch{epoch});
  }
  EXPECT_EQ(parse_clean_shutdown(bytes_of(R"({ "version": 0, "brokerEpoch": 7 })")), BrokerEpoch{7});
  EXPECT_EQ(parse_clean_shutdown(bytes_of(R"({"brokerEpoch": 7 ,"version":0})")), BrokerEpoch{7});
}

TEST(CleanShutdown, WhatTellsNoEpochHasNone) {
  for (const std::string_view text :
       {"", "{}", "{\"version\":0}", "{\"brokerEpoch\":", "{\"brokerEpoch\":   ", "{\"brokerEpoch\":x}"}) {
    EXPECT_EQ(parse_clean_shutdown(bytes_of(text)), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gregor::storage

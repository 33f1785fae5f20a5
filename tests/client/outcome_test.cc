// A client must tell "it did not happen" from "nobody knows", and what may be tried again from what may not.
#include "client/outcome.h"

#include <gtest/gtest.h>

namespace gregor::client {
namespace {

using wire::ErrorCode;

TEST(Outcome, AWriteThatABrokerMayHaveCarriedOutIsInDoubt) {
  for (const ErrorCode code :
       {ErrorCode::request_timed_out, ErrorCode::not_enough_replicas_after_append, ErrorCode::kafka_storage_error,
        ErrorCode::unknown_server_error, ErrorCode::network_exception, ErrorCode::not_leader_or_follower,
        ErrorCode::not_controller}) {
    EXPECT_EQ(answered(code).value().fate, Fate::unknown) << wire::name_of(code);
  }
  for (const ErrorCode code :
       {ErrorCode::not_enough_replicas, ErrorCode::message_too_large, ErrorCode::corrupt_message,
        ErrorCode::invalid_record, ErrorCode::unknown_topic_or_partition, ErrorCode::topic_authorization_failed,
        ErrorCode::out_of_order_sequence_number, ErrorCode::invalid_producer_epoch}) {
    EXPECT_EQ(answered(code).value().fate, Fate::failed) << wire::name_of(code);
  }
}

TEST(Outcome, CodesSayWhetherToTryAgain) {
  const auto may_retry = [](ErrorCode code) { return is_retriable(answered(code).value()); };
  EXPECT_TRUE(may_retry(ErrorCode::not_leader_or_follower));
  EXPECT_TRUE(may_retry(ErrorCode::not_enough_replicas));
  EXPECT_TRUE(may_retry(ErrorCode::unknown_topic_or_partition));
  EXPECT_TRUE(may_retry(ErrorCode::leader_not_available));
  EXPECT_FALSE(may_retry(ErrorCode::message_too_large));
  EXPECT_FALSE(may_retry(ErrorCode::topic_already_exists));
  EXPECT_FALSE(may_retry(ErrorCode::out_of_order_sequence_number));
}

TEST(Outcome, LinksThatFailAreTriedAgainAndWhatMakesNoSenseIsNot) {
  const auto may_retry = [](Errc code) { return is_retriable(failed(code, "it").value()); };
  for (const Errc code : {Errc::closed, Errc::timed_out, Errc::io, Errc::not_found, Errc::would_block})
    EXPECT_TRUE(may_retry(code)) << name_of(code);
  for (const Errc code : {Errc::malformed, Errc::corrupt, Errc::invalid, Errc::unsupported, Errc::limit})
    EXPECT_FALSE(may_retry(code)) << name_of(code);
}

TEST(Outcome, TextsNameTheCodeTheCauseAndTheDoubt) {
  EXPECT_EQ(failed(Errc::closed, "the link ended").value().to_text(), "the link ended");
  EXPECT_EQ(answered(ErrorCode::message_too_large).value().to_text(), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(answered(ErrorCode::message_too_large, "orders-0").value().to_text(), "MESSAGE_TOO_LARGE: orders-0");
  EXPECT_EQ(failed(Errc::timed_out, "no answer", Fate::unknown).value().to_text(),
            "no answer (it may have happened all the same)");
}

}  // namespace
}  // namespace gregor::client

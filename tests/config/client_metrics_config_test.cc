// What a client metrics subscription may say, and whom it is for.
#include "config/client_metrics_config.h"

#include <gtest/gtest.h>

namespace gregor::config {
namespace {

TEST(ClientMetricsConfig, GoodSubscriptionsPass) {
  EXPECT_FALSE(fault_of_subscription({}));
  EXPECT_FALSE(
      fault_of_subscription({{"interval.ms", "60000"}, {"match", "client_id=a, client_software_name=Java.*"}}));
}

TEST(ClientMetricsConfig, EachFaultIsOfItsKind) {
  EXPECT_TRUE(fault_of_subscription({{"no.such", "x"}})->is_of_the_request);
  EXPECT_TRUE(fault_of_subscription({{"interval.ms", "99"}})->is_of_the_request);
  EXPECT_TRUE(fault_of_subscription({{"interval.ms", "3600001"}})->is_of_the_request);
  EXPECT_FALSE(fault_of_subscription({{"interval.ms", "often"}})->is_of_the_request);
  EXPECT_FALSE(fault_of_subscription({{"match", "nonsense"}})->is_of_the_request);
  EXPECT_FALSE(fault_of_subscription({{"match", "planet=earth"}})->is_of_the_request);
  EXPECT_FALSE(fault_of_subscription({{"match", "client_id=a=b"}})->is_of_the_request);
  EXPECT_FALSE(fault_of_subscription({{"match", "client_id=(a"}})->is_of_the_request);
}

TEST(ClientMetricsConfig, EveryPatternMustFit) {
  const MetricsClient client{.client_id = "orders-1", .client_source_address = "10.0.0.1"};
  EXPECT_TRUE(is_for({}, client));
  EXPECT_TRUE(is_for({{"match", "client_id=orders.*"}}, client));
  EXPECT_TRUE(is_for({{"match", "client_id=.*,client_source_address=10.0.0.1"}}, client));
  EXPECT_FALSE(is_for({{"match", "client_id=orders.*,client_source_address=10.0.0.2"}}, client));
  EXPECT_FALSE(is_for({{"match", "client_id=orders"}}, client));
  EXPECT_FALSE(is_for({{"match", "client_software_name=Java"}}, client))
      << "the software of a client is not known here";
}

}  // namespace
}  // namespace gregor::config

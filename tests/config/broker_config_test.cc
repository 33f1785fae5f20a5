// A default-constructed BrokerConfig and the tables say the same.
#include "config/broker_config.h"

#include <gtest/gtest.h>

#include "config/broker_fields.h"
#include "config/describe.h"
#include "config/table.h"

namespace gregor::config {
namespace {

TEST(BrokerConfig, DefaultConstructedHoldsTheDefaultsOfTheTable) {
  const BrokerConfig broker;
  for (const BrokerField& field : broker_fields()) {
    const Key* key = find_broker_key(field.name);
    ASSERT_NE(key, nullptr) << field.name << " is bound to a member but has no row";
    if (key->is_required()) continue;
    EXPECT_EQ(shown_value(*key, field.get(broker)), key->default_text == nullptr ? "" : key->default_text)
        << field.name;
  }
  EXPECT_EQ(to_text(broker.listeners.front()), find_broker_key("listeners")->default_text);
  EXPECT_EQ(broker.log_dirs.front(), find_broker_key("log.dir")->default_text);
}

TEST(BrokerConfig, MetadataLivesInTheFirstDirectoryUnlessSaid) {
  BrokerConfig broker;
  broker.log_dirs = {"/a", "/b"};
  EXPECT_EQ(broker.metadata_directory(), "/a");
  broker.metadata_log_dir = "/m";
  EXPECT_EQ(broker.metadata_directory(), "/m");
}

TEST(BrokerConfig, ControllerListenersAreThoseNamed) {
  const BrokerConfig broker;
  EXPECT_TRUE(broker.is_controller_listener({"CONTROLLER", "", 9093}));
  EXPECT_FALSE(broker.is_controller_listener({"PLAINTEXT", "", 9092}));
}

}  // namespace
}  // namespace gregor::config

// What must hold between keys, and what this version does not serve.
#include "config/cross_check.h"

#include <gtest/gtest.h>

namespace gregor::config {
namespace {

std::string error_of(const BrokerConfig& broker, std::string_view protocol_map = "") {
  const auto checked = check_across_keys(broker, protocol_map);
  return checked ? "" : checked.error().text;
}

TEST(CrossCheck, TheDefaultPasses) {
  EXPECT_EQ(error_of({}), "");
}

TEST(CrossCheck, ABrokerAloneIsNoVoterAndKnowsWhereControllersAre) {
  BrokerConfig broker{.is_controller = false};
  EXPECT_NE(error_of(broker).find("must say where the controllers are"), std::string::npos);
  broker.controller_quorum_voters = {{2, "h", 1}};
  EXPECT_EQ(error_of(broker), "");
  broker.controller_quorum_voters = {{1, "h", 1}};
  EXPECT_NE(error_of(broker).find("names this node"), std::string::npos);
  broker.controller_quorum_voters = {};
  broker.controller_quorum_bootstrap_servers = {"h:1"};
  EXPECT_EQ(error_of(broker), "");
  broker.listeners.push_back({"CONTROLLER", "", 9093});
  EXPECT_NE(error_of(broker).find("none may be one of controller.listener.names"), std::string::npos);
}

TEST(CrossCheck, OnlyAControllerJoinsTheVoters) {
  BrokerConfig controller{.is_broker = false,
                          .listeners = {{"CONTROLLER", "", 9093}},
                          .controller_quorum_bootstrap_servers = {"h:1"},
                          .controller_quorum_auto_join_enable = true};
  EXPECT_EQ(error_of(controller), "");
  const BrokerConfig broker{.is_controller = false,
                            .controller_quorum_bootstrap_servers = {"h:1"},
                            .controller_quorum_auto_join_enable = true};
  EXPECT_NE(error_of(broker).find("controller.quorum.auto.join.enable is for controllers"), std::string::npos);
}

TEST(CrossCheck, AControllerAloneListensToControllersAlone) {
  BrokerConfig controller{.is_broker = false};
  EXPECT_NE(error_of(controller).find("each one must be of controller.listener.names"), std::string::npos);
  controller.listeners = {{"CONTROLLER", "", 9093}};
  EXPECT_EQ(error_of(controller), "");
  controller.listeners.push_back({"PLAINTEXT", "", 9092});
  EXPECT_NE(error_of(controller).find("each one must be of controller.listener.names"), std::string::npos);
}

TEST(CrossCheck, OnlyAControllerWithoutAListBeginsAQuorumByItself) {
  BrokerConfig first{.listeners = {{"CONTROLLER", "", 9093}, {"PLAINTEXT", "", 9092}}};
  first.gregor_initial_standalone = true;
  EXPECT_NE(error_of(first).find("at which host"), std::string::npos);
  first.advertised_listeners = {{"CONTROLLER", "h", 9093}};
  EXPECT_EQ(error_of(first), "");
  first.controller_quorum_voters = {{1, "h", 1}};
  EXPECT_NE(error_of(first).find("gregor.initial.standalone"), std::string::npos);
}

TEST(CrossCheck, VotersNameThisNodeAndReachIt) {
  EXPECT_EQ(error_of({.controller_quorum_voters = {{1, "h", 1}}}), "");
  EXPECT_EQ(error_of({.controller_quorum_voters = {{2, "h", 1}}}),
            "controller.quorum.voters does not name this node, node.id=1");
  BrokerConfig several{.controller_quorum_voters = {{1, "h", 1}, {2, "h", 2}}};
  EXPECT_NE(error_of(several).find("for the other voters"), std::string::npos);
  several.listeners.push_back({"CONTROLLER", "", 9093});
  EXPECT_EQ(error_of(several), "");
}

TEST(CrossCheck, ARequestOfTheLargestSizeHasRoom) {
  EXPECT_EQ(error_of({.socket_request_max_bytes = 1'000, .queued_max_request_bytes = 1'000}), "");
  EXPECT_EQ(error_of({.socket_request_max_bytes = 1'000, .queued_max_request_bytes = -1}), "");
  EXPECT_NE(error_of({.socket_request_max_bytes = 1'000, .queued_max_request_bytes = 999}).find("queued.max"),
            std::string::npos);
}

TEST(CrossCheck, ListenersSpeakPlainText) {
  BrokerConfig broker;
  broker.listeners = {{"EXTERNAL", "", 9092}};
  EXPECT_NE(error_of(broker).find("does not say what listener EXTERNAL speaks"), std::string::npos);
  EXPECT_EQ(error_of(broker, "EXTERNAL:PLAINTEXT"), "");
  EXPECT_NE(error_of(broker, "external:ssl").find("speaks SSL"), std::string::npos);
  EXPECT_NE(error_of(broker, "EXTERNAL").find("NAME:PROTOCOL"), std::string::npos);
}

TEST(CrossCheck, AControllerListenerNeedsNoEntryInTheDefaultMap) {
  BrokerConfig broker;
  broker.listeners = {{"PLAINTEXT", "", 9092}, {"CONTROLLER", "", 9093}};
  EXPECT_EQ(error_of(broker), "");
  EXPECT_NE(error_of(broker, "PLAINTEXT:PLAINTEXT"), "") << "but in a map that was set it must stand";
}

TEST(CrossCheck, OneListenerIsForClients) {
  BrokerConfig broker;
  broker.listeners = {{"CONTROLLER", "", 9093}};
  EXPECT_NE(error_of(broker).find("none for clients"), std::string::npos);
}

TEST(CrossCheck, AdvertisedListenersAreReachableAndKnown) {
  BrokerConfig broker;
  broker.advertised_listeners = {{"PLAINTEXT", "host", 9092}};
  EXPECT_EQ(error_of(broker), "");
  broker.advertised_listeners = {{"PLAINTEXT", "0.0.0.0", 9092}};
  EXPECT_NE(error_of(broker), "");
  broker.advertised_listeners = {{"OUTSIDE", "host", 9092}};
  EXPECT_EQ(error_of(broker), "advertised.listeners names OUTSIDE, which is none of listeners");
}

TEST(CrossCheck, TheListenerBetweenBrokersIsOneOfListeners) {
  EXPECT_EQ(error_of({.inter_broker_listener_name = "PLAINTEXT"}), "");
  EXPECT_NE(error_of({.inter_broker_listener_name = "INSIDE"}), "");
}

}  // namespace
}  // namespace gregor::config

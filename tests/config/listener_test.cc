// Listener text, voters, and what a node tells a client that has no advertised listener.
#include "config/listener.h"

#include <gtest/gtest.h>

namespace gregor::config {
namespace {

TEST(Listener, EmptyHostMeansAllAddresses) {
  EXPECT_EQ(parse_listener("PLAINTEXT://:9092").value(), (Listener{"PLAINTEXT", "", 9092}));
  EXPECT_EQ(parse_listener("plaintext://localhost:0").value(), (Listener{"PLAINTEXT", "localhost", 0}));
}

TEST(Listener, Ipv6StandsInBrackets) {
  EXPECT_EQ(parse_listener("A://[::1]:9092").value(), (Listener{"A", "::1", 9092}));
  EXPECT_EQ(parse_listener("A://[fe80::1%eth0]:1").value().host, "fe80::1%eth0");
  EXPECT_EQ(to_text(Listener{"A", "::1", 9092}), "A://[::1]:9092");
  EXPECT_EQ(to_text(Listener{"A", "", 9092}), "A://:9092");
}

TEST(Listener, WrongTextIsNamed) {
  for (const char* text :
       {"", "PLAINTEXT", "://:9092", "PLAINTEXT://host", "PLAINTEXT://host:", "PLAINTEXT://host:65536",
        "PLAINTEXT://host:-1", "PLAINTEXT://[::1:9092", "PLAINTEXT://a b:9092", "PLAINTEXT://host:9092/"}) {
    const auto parsed = parse_listener(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
    EXPECT_NE(parsed.error().text.find(text), std::string::npos) << parsed.error().text;
  }
}

TEST(Listener, NamesAndPortsAreDistinct) {
  EXPECT_EQ(parse_listeners("A://:1, B://:2")->size(), 2u);
  EXPECT_FALSE(parse_listeners("A://:1,A://:2").has_value()) << "one name twice";
  EXPECT_FALSE(parse_listeners("A://:1,B://:1").has_value()) << "one port twice";
  EXPECT_TRUE(parse_listeners("A://:0,B://:0").has_value()) << "the system chooses two ports";
  EXPECT_TRUE(parse_listeners("A://127.0.0.1:1,B://[::1]:1").has_value()) << "two families may share a port number";
}

TEST(Listener, VotersAreIdAtHostPort) {
  EXPECT_EQ(parse_voters("1@localhost:9093").value(), (std::vector<Voter>{{1, "localhost", 9093}}));
  EXPECT_EQ(parse_voters("").value(), std::vector<Voter>{});
  EXPECT_FALSE(parse_voters("localhost:9093").has_value());
  EXPECT_FALSE(parse_voters("x@localhost:9093").has_value());
}

TEST(Listener, WithoutAdvertisedTheClientIsToldWhereItArrived) {
  EXPECT_EQ(advertised_to({}, "PLAINTEXT", "10.0.0.7", 9092), (Listener{"PLAINTEXT", "10.0.0.7", 9092}));
  EXPECT_EQ(advertised_to({}, "PLAINTEXT", "::1", 9092), (Listener{"PLAINTEXT", "::1", 9092}));
}

TEST(Listener, AdvertisedListenerOfTheSameNameStandsBeforeIt) {
  const std::vector<Listener> advertised = {{"PLAINTEXT", "broker.example", 19092}};
  EXPECT_EQ(advertised_to(advertised, "PLAINTEXT", "10.0.0.7", 9092), advertised.front());
  EXPECT_EQ(advertised_to(advertised, "INSIDE", "10.0.0.7", 9094), (Listener{"INSIDE", "10.0.0.7", 9094}));
}

}  // namespace
}  // namespace gregor::config

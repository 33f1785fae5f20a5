// /metrics, /ready and /live of the built program, as a scraper and a probe see them.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/gregor/support/raw_client.h"
#include "tests/gregor/support/running_broker.h"
#include "tests/gregor/support/scratch.h"
#include "wire/api_versions.h"

namespace gregor::program {
namespace {

std::string get(std::uint16_t port, const std::string& path) {
  RawClient client(port);
  client.send(bytes_of("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
  return client.read_to_end();
}

TEST(Metrics, WhatWasProducedIsCountedUnderKafkasNames) {
  const Scratch scratch("metrics");
  const std::uint16_t http = free_port();
  RunningBroker broker(scratch / "data", {"gregor.shards=2", "gregor.http.listener=127.0.0.1:" + std::to_string(http)});
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  ASSERT_EQ(broker.run({"produce", "measured"}, "one\ntwo\nthree\n").exit, 0);
  ASSERT_EQ(broker.run({"consume", "measured"}).exit, 0);

  EXPECT_TRUE(get(http, "/ready").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(get(http, "/live").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(get(http, "/nothing").starts_with("HTTP/1.1 404 "));
  const std::string figures = get(http, "/metrics");
  for (const char* line :
       {"kafka_server_brokertopicmetrics_messagesin_total{topic=\"measured\"} 3\n",
        "kafka_log_log_logendoffset{topic=\"measured\",partition=\"0\"} 3\n",
        "kafka_server_replicamanager_leadercount 1\n", "kafka_controller_kafkacontroller_globaltopiccount 1\n",
        "kafka_log_logmanager_offlinelogdirectorycount 0\n",
        "# TYPE kafka_network_requestmetrics_totaltimems histogram\n",
        "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"} 1\n"}) {
    EXPECT_NE(figures.find(line), std::string::npos) << line << "\n" << figures.substr(0, 4000);
  }
  const std::regex bytes_out("kafka_server_brokertopicmetrics_bytesout_total\\{topic=\"measured\"\\} [1-9]");
  EXPECT_TRUE(std::regex_search(figures, bytes_out));
  broker.program().signal(SIGTERM);
  EXPECT_EQ(broker.program().wait(), 0) << broker.program().errors();
}

TEST(Metrics, EveryConnectionTellsWhoItIsAndWhatItDid) {
  const Scratch scratch("connections");
  const std::uint16_t http = free_port();
  RunningBroker broker(scratch / "data", {"gregor.shards=2", "gregor.http.listener=127.0.0.1:" + std::to_string(http)});
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  RawClient client(broker.port());
  wire::RequestHeader header;
  header.request_api_version = 3;
  header.client_id = "look at \"me\"";
  const wire::ApiVersionsRequest hello{.client_software_name = "probe", .client_software_version = "1.2"};
  const ByteBuffer frame = wire::encode_request_frame(header, hello).value();
  client.send(frame);
  ASSERT_TRUE(client.receive().has_value());

  const std::string told = get(http, "/connections");
  const auto all = nlohmann::json::parse(told.substr(told.find("\r\n\r\n")));
  const auto mine =
      std::find_if(all.begin(), all.end(), [](const auto& one) { return one["software_name"] == "probe"; });
  ASSERT_NE(mine, all.end()) << told;
  EXPECT_EQ((*mine)["client_id"], "look at \"me\"");
  EXPECT_EQ((*mine)["software_version"], "1.2");
  EXPECT_EQ((*mine)["requests"], 1);
  EXPECT_EQ((*mine)["bytes_in"], frame.size());
  EXPECT_GT((*mine)["bytes_out"], 100);
  EXPECT_NE(
      get(http, "/metrics").find("connections_software{clientSoftwareName=\"probe\",clientSoftwareVersion=\"1.2\""),
      std::string::npos);
}

TEST(Metrics, AListenerThatCannotBeIsRefusedByItsKey) {
  const Ended wrong = run_program({"broker", "--data-dir", "/nonexistent/x", "--set", "gregor.http.listener=nine"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_NE(wrong.errors.find("gregor.http.listener"), std::string::npos) << wrong.errors;
}

}  // namespace
}  // namespace gregor::program

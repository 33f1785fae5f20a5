// The facts of Apache Kafka that the tables must agree with, where they are at hand.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace gregor::config::testing {

/// One file of the folder named by GREGOR_KAFKA_CONFIGS (../shared/kafka-configs beside the sources by default); empty
/// where absent.
inline std::optional<nlohmann::json> kafka_facts(const std::string& file) {
  const char* folder = std::getenv("GREGOR_KAFKA_CONFIGS");
  const std::string path = folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/kafka-configs";
  std::ifstream in(path + "/" + file);
  if (!in) return std::nullopt;
  return nlohmann::json::parse(in);
}

}  // namespace gregor::config::testing

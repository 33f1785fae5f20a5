// gregor broker as a child process that has said that it is ready, and commands against it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/gregor/support/program.h"

namespace gregor::program {

class RunningBroker {
 public:
  /// `settings` are key=value, on top of a data directory and a port of the system's choice on 127.0.0.1.
  explicit RunningBroker(const std::string& directory, const std::vector<std::string>& settings = {})
      : RunningBroker(words_of(directory, settings)) {}
  /// By the words of the whole command.
  explicit RunningBroker(const std::vector<std::string>& words) : program_(words) {
    const std::string line = program_.read_line();
    const auto at = line.find("port=");
    if (line.find("broker.ready") == std::string::npos || at == std::string::npos) return;
    port_ = static_cast<std::uint16_t>(std::atoi(line.c_str() + at + 5));
    address_ = "127.0.0.1:" + std::to_string(port_);
  }
  [[nodiscard]] bool is_ready() const { return !address_.empty(); }
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  Program& program() { return program_; }

  /// Another command against this broker.
  [[nodiscard]] Ended run(std::vector<std::string> words, const std::string& input = "") const {
    words.insert(words.end(), {"--bootstrap-server", address_, "--timeout-ms", "10000"});
    return run_program(words, input);
  }
  /// The same with --json, which must succeed: its lines.
  [[nodiscard]] std::vector<nlohmann::json> json(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const Ended ended = run(std::move(words));
    EXPECT_EQ(ended.exit, 0) << ended.errors;
    std::vector<nlohmann::json> lines;
    std::istringstream in(ended.output);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

 private:
  static std::vector<std::string> words_of(const std::string& directory, const std::vector<std::string>& settings) {
    std::vector<std::string> words{"broker", "--data-dir", directory, "--set", "listeners=PLAINTEXT://127.0.0.1:0"};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    return words;
  }

  Program program_;
  std::uint16_t port_ = 0;
  std::string address_;
};

}  // namespace gregor::program

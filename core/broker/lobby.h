// Lobby: a shard's connections that came and must wait before they may speak, or before they are told that they may
// not. Each is a number and a time; one timer for all of them.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "base/unique_function.h"
#include "env/clock.h"

namespace gregor::broker {

class Lobby {
 public:
  /// `leave` is called on the loop for each connection whose time has come, with its reason for being refused; empty:
  /// it is to be served.
  Lobby(env::Clock& clock, UniqueFunction<void(std::uint64_t number, std::string_view refusal)> leave)
      : clock_(clock), leave_(std::move(leave)) {}
  ~Lobby();
  Lobby(const Lobby&) = delete;
  Lobby& operator=(const Lobby&) = delete;

  /// `refusal` is a literal.
  void hold(std::uint64_t number, Nanoseconds wait, std::string_view refusal);
  [[nodiscard]] std::size_t size() const { return waiting_.size(); }

 private:
  void arm();
  void on_due();

  env::Clock& clock_;
  UniqueFunction<void(std::uint64_t, std::string_view)> leave_;
  std::map<std::pair<MonotonicTime, std::uint64_t>, std::string_view> waiting_;
  env::TimerId timer_ = 0;
  MonotonicTime armed_for_{};
};

}  // namespace gregor::broker

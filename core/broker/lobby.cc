#include "broker/lobby.h"

namespace gregor::broker {

Lobby::~Lobby() {
  if (timer_ != 0) clock_.disarm(timer_);
}

void Lobby::hold(std::uint64_t number, Nanoseconds wait, std::string_view refusal) {
  waiting_.emplace(std::pair{clock_.now() + wait, number}, refusal);
  arm();
}

void Lobby::arm() {
  if (waiting_.empty()) return;
  const MonotonicTime first = waiting_.begin()->first.first;
  if (timer_ != 0 && armed_for_ <= first) return;
  if (timer_ != 0) clock_.disarm(timer_);
  armed_for_ = first;
  timer_ = clock_.arm(first, [this] { on_due(); });
}

void Lobby::on_due() {
  timer_ = 0;
  while (!waiting_.empty() && waiting_.begin()->first.first <= clock_.now()) {
    const auto [when_and_number, refusal] = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    leave_(when_and_number.second, refusal);
  }
  arm();
}

}  // namespace gregor::broker

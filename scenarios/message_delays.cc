#include "scenarios/message_delays.h"

#include <algorithm>

namespace gregor::scenarios {
namespace {

constexpr std::size_t kSizeBytes = 4;
constexpr std::int32_t kFrameBytesMax = 1 << 30;

}  // namespace

Bytes FrameHeads::next(Bytes& bytes) {
  while (!is_foreign_) {
    const std::size_t passed = static_cast<std::size_t>(std::min<std::uint64_t>(rest_, bytes.size()));
    bytes = bytes.subspan(passed);
    rest_ -= passed;
    if (bytes.empty()) return {};
    std::size_t wanted = kSizeBytes;
    std::int32_t size = 0;
    if (begun_size_ >= kSizeBytes) {
      size = load_big_endian<std::int32_t>(begun_.data());
      is_foreign_ = size <= 0 || size > kFrameBytesMax;
      wanted += std::min(head_bytes_, static_cast<std::size_t>(std::max(size, 0)));
    }
    const std::size_t taken = std::min(wanted - begun_size_, bytes.size());
    std::copy_n(bytes.begin(), taken, begun_.begin() + static_cast<std::ptrdiff_t>(begun_size_));
    begun_size_ += taken;
    bytes = bytes.subspan(taken);
    if (begun_size_ < wanted || wanted == kSizeBytes || is_foreign_) continue;
    begun_size_ = 0;
    rest_ = static_cast<std::uint64_t>(size) - (wanted - kSizeBytes);
    return Bytes(begun_).subspan(kSizeBytes, wanted - kSizeBytes);
  }
  bytes = {};
  return {};
}

MessageDelays::MessageDelays(sim::World& world, sim::NodeIndex node)
    : world_(world), node_(node), random_(world.stream("message-delays", node)) {
  world_.network().add_delayer(*this);
}

MessageDelays::~MessageDelays() {
  world_.network().remove_delayer(*this);
}

void MessageDelays::hold(std::int16_t api_key, sim::SimTime until) {
  held_apis_[api_key] = until;
}

sim::SimTime MessageDelays::begins(Bytes request_head, Seen& seen) {
  if (request_head.size() < 8) return {};
  const auto held = held_apis_.find(load_big_endian<std::int16_t>(request_head.data()));
  if (held == held_apis_.end() || held->second <= world_.now()) return {};
  const std::uint64_t which = random_.below(3);
  if (which == 0) return held->second;
  if (which == 1 && seen.held_answers.size() < kAnswersMax)
    seen.held_answers.emplace_back(load_big_endian<std::int32_t>(request_head.data() + 4), held->second);
  return {};
}

sim::SimTime MessageDelays::answered(Bytes answer_head, Seen& seen) {
  if (answer_head.size() < 4) return {};
  const auto correlation_id = load_big_endian<std::int32_t>(answer_head.data());
  const auto held = std::ranges::find(seen.held_answers, correlation_id, &std::pair<std::int32_t, sim::SimTime>::first);
  if (held == seen.held_answers.end()) return {};
  const sim::SimTime until = held->second;
  seen.held_answers.erase(held);
  return until;
}

/// Null: it was forgotten, and where its messages begin nobody knows any more.
MessageDelays::Seen* MessageDelays::seen_of(std::uint64_t connection) {
  const auto found = seen_.find(connection);
  if (found != seen_.end()) return &found->second;
  if (connection <= forgotten_up_to_) return nullptr;
  if (seen_.size() == kConnectionsMax) {
    forgotten_up_to_ = seen_.begin()->first;
    seen_.erase(seen_.begin());
  }
  return &seen_[connection];
}

Nanoseconds MessageDelays::delay_of(const sim::Connection& connection, sim::Side from, Bytes bytes) {
  const bool is_ours = connection.end(from).node == node_ || connection.end(other(from)).node == node_;
  if (!is_ours) return {};
  Seen* known = seen_of(connection.id());
  if (known == nullptr) return {};
  Seen& seen = *known;
  const bool asks = from == sim::Side::dialled;
  sim::SimTime until{};
  for (;;) {
    const Bytes head = (asks ? seen.requests : seen.answers).next(bytes);
    if (head.empty()) break;
    until = std::max(until, asks ? begins(head, seen) : answered(head, seen));
  }
  if (until <= world_.now()) return {};
  world_.network().engine().faults().fired_with_effect(sim::FaultKind::late_message);
  return until - world_.now();
}

}  // namespace gregor::scenarios

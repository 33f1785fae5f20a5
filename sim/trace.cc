#include "sim/trace.h"

#include "base/crc32c.h"

namespace gregor::sim {
namespace {

constexpr std::uint64_t kOddHigh = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kOddLow = 0xd6e8feb86659fd93ULL;

/// Both halves of a 64 x 64 bit product, folded: every bit of both factors reaches every bit of the result.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

const char* name_of(EventKind kind) {
  switch (kind) {
#define GREGOR_SIM_NAME(name) \
  case EventKind::name:       \
    return #name;
    GREGOR_SIM_EVENTS(GREGOR_SIM_NAME)
#undef GREGOR_SIM_NAME
  }
  return "unknown";
}

std::string Hash128::to_text() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t word : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) text.push_back(kDigits[(word >> shift) & 15]);
  }
  return text;
}

std::uint64_t checksum_of(Bytes bytes) {
  return (static_cast<std::uint64_t>(bytes.size()) << 32) ^ crc32c(bytes);
}

void Trace::record(SimTime time, std::uint32_t node, std::uint32_t shard, EventKind kind, std::uint64_t payload) {
  ++event_count_;
  ++counts_[static_cast<std::size_t>(kind)];
  const std::uint64_t place = (static_cast<std::uint64_t>(node) << 32) ^ (static_cast<std::uint64_t>(shard) << 8) ^
                              static_cast<std::uint64_t>(kind);
  const auto when = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t first = fold(hash_.high ^ event_count_ ^ kOddHigh, when ^ hash_.low ^ kOddLow);
  const std::uint64_t second = fold(first ^ place ^ kOddLow, payload ^ hash_.high ^ kOddHigh);
  hash_ = {first + hash_.low, second ^ first};
  if (event_count_ % kEventsPerMark == 0) marks_.push_back(hash_);
  if (listener_) listener_({event_count_, time, node, shard, kind, payload});
}

}  // namespace gregor::sim

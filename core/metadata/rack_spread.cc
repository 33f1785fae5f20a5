#include "metadata/rack_spread.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "base/check.h"

namespace gregor::metadata {

namespace {

using Racks = std::vector<std::vector<NodeId>>;

Racks racks_of(const std::vector<UsableBroker>& brokers) {
  std::map<std::string, std::vector<NodeId>> by_name;
  for (const UsableBroker& broker : brokers) by_name[broker.rack].push_back(broker.id);
  Racks racks;
  for (auto& [name, members] : by_name) racks.push_back(std::move(members));
  return racks;
}

template <class Item>
void shuffle(std::vector<Item>& items, RandomStream& random) {
  for (std::size_t left = items.size(); left > 1; --left) {
    const std::size_t chosen = random.below(left);
    std::swap(items[left - 1], items[chosen]);
  }
}

/// Equally large racks: brokers stand in a ring, racks taking turns, and partition p takes the `factor` places from
/// p * factor on. So each place is filled before one is filled again. A lap ends when a partition begins where the
/// first did; in lap l of a round the l-th of each partition's places leads, so that in a round each place leads once.
class Ring {
 public:
  Ring(Racks racks, std::size_t factor, RandomStream& random)
      : racks_(std::move(racks)),
        factor_(factor),
        size_(racks_.size() * racks_.front().size()),
        laps_(std::gcd(factor, size_)),
        random_(random) {}

  std::vector<NodeId> next() {
    if (partition_ == 0) begin_round();
    const std::size_t first = partition_ * factor_ % size_;
    const std::size_t lap = partition_ / (size_ / laps_);
    std::vector<NodeId> replicas;
    for (std::size_t i = 0; i < factor_; ++i) replicas.push_back(ring_[(first + i) % size_]);
    std::rotate(replicas.begin(), replicas.begin() + static_cast<std::ptrdiff_t>(lap), replicas.end());
    partition_ = (partition_ + 1) % size_;
    return replicas;
  }

 private:
  void begin_round() {
    shuffle(racks_, random_);
    for (auto& rack : racks_) shuffle(rack, random_);
    ring_.clear();
    for (std::size_t place = 0; place < size_; ++place) {
      ring_.push_back(racks_[place % racks_.size()][place / racks_.size()]);
    }
  }

  Racks racks_;
  const std::size_t factor_;
  const std::size_t size_;
  const std::size_t laps_;
  RandomStream& random_;
  std::vector<NodeId> ring_;
  std::size_t partition_ = 0;  ///< of this round
};

/// Racks of different sizes: each replica goes where least is, first on racks that this partition does not touch yet.
class Greedy {
 public:
  Greedy(const Racks& racks, std::size_t factor, RandomStream& random) : factor_(factor) {
    for (std::size_t rack = 0; rack < racks.size(); ++rack) {
      for (const NodeId id : racks[rack]) loads_.push_back({.id = id, .rack = rack});
    }
    shuffle(loads_, random);  // among equals the earlier one is taken
  }

  std::vector<NodeId> next() {
    std::vector<NodeId> replicas;
    std::set<std::size_t> touched;
    while (replicas.size() < factor_) {
      const bool leads = replicas.empty();
      const auto rank = [&](const Load& load) {
        const bool is_taken = std::find(replicas.begin(), replicas.end(), load.id) != replicas.end();
        return std::tuple(is_taken, touched.contains(load.rack), leads ? load.leads : 0, load.replicas);
      };
      const auto least = std::min_element(loads_.begin(), loads_.end(),
                                          [&](const Load& a, const Load& b) { return rank(a) < rank(b); });
      CHECK(least != loads_.end());
      replicas.push_back(least->id);
      touched.insert(least->rack);
      ++least->replicas;
      least->leads += leads ? 1 : 0;
    }
    return replicas;
  }

 private:
  struct Load {
    NodeId id = {};
    std::size_t rack = 0;
    int leads = 0;
    int replicas = 0;
  };
  const std::size_t factor_;
  std::vector<Load> loads_;
};

template <class Placer>
std::vector<std::vector<NodeId>> placed_by(Placer placer, std::int32_t count) {
  std::vector<std::vector<NodeId>> placed;
  for (std::int32_t partition = 0; partition < count; ++partition) placed.push_back(placer.next());
  return placed;
}

}  // namespace

std::vector<std::vector<NodeId>> spread_over_racks(const std::vector<UsableBroker>& brokers, std::int32_t count,
                                                   std::size_t factor, RandomStream& random) {
  CHECK(factor > 0 && factor <= brokers.size());
  RandomStream drawn(random.next());
  const Racks racks = racks_of(brokers);
  const bool are_equal =
      std::all_of(racks.begin(), racks.end(), [&](const auto& rack) { return rack.size() == racks.front().size(); });
  return are_equal ? placed_by(Ring(racks, factor, drawn), count) : placed_by(Greedy(racks, factor, drawn), count);
}

}  // namespace gregor::metadata

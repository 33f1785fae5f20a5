#include "config/table.h"

#include <algorithm>
#include <array>

namespace gregor::config {
namespace {

constexpr std::array kKafkaBrokerTables = {log_keys,         network_keys,           quorum_keys,
                                           replication_keys, group_coordinator_keys, transaction_keys,
                                           security_keys,    tiered_storage_keys,    server_keys};

/// "config.providers.NAME.*" is how a provider's own settings are written.
constexpr std::array<std::string_view, 6> kOpenFamilies = {"listener.name.", "sasl.",        "ssl.",
                                                           "rsm.config.",    "rlmm.config.", "config.providers."};

const Key* find_in(KeyTable table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Key& key) { return key.name == name; });
  return found == table.end() ? nullptr : &*found;
}

/// Longer names than any key has are not worth measuring.
constexpr std::size_t kNameMax = 128;

/// The fewest insertions, deletions, replacements and swaps of neighbours that make one text the other. Requires
/// texts of at most kNameMax.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  using Row = std::array<std::size_t, kNameMax + 1>;
  std::array<Row, 3> rows;
  Row* before_last = &rows[0];
  Row* last = &rows[1];
  Row* row = &rows[2];
  for (std::size_t j = 0; j <= to.size(); ++j) (*row)[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    (*row)[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = (*last)[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      (*row)[j] = std::min({(*last)[j] + 1, (*row)[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) (*row)[j] = std::min((*row)[j], (*before_last)[j - 2] + 1);
    }
  }
  return (*row)[to.size()];
}

class Nearest {
 public:
  /// Requires a text of at most kNameMax.
  explicit Nearest(std::string_view wanted) : wanted_(wanted) {
    for (const char c : wanted) ++letters_[static_cast<unsigned char>(c)];
  }
  void consider(const Key& key) {
    if (!may_be_meant(key.name, letters_in_common(key.name))) return;  // spares most keys the table of distances
    const std::size_t distance = edit_distance(wanted_, key.name);
    if (!name_.empty() && distance >= distance_) return;
    name_ = key.name;
    distance_ = distance;
  }
  /// A name of which more than a third would change was hardly meant.
  [[nodiscard]] std::string_view if_meant() const {
    return distance_ * 3 <= longer_of(name_) ? name_ : std::string_view{};
  }

 private:
  [[nodiscard]] std::size_t longer_of(std::string_view name) const { return std::max(wanted_.size(), name.size()); }
  /// Every letter of the longer text that the other lacks costs a change, wherever it stands.
  [[nodiscard]] bool may_be_meant(std::string_view name, std::size_t in_common) const {
    return (longer_of(name) - in_common) * 3 <= longer_of(name);
  }
  [[nodiscard]] std::size_t letters_in_common(std::string_view name) const {
    auto left = letters_;
    std::size_t common = 0;
    for (const char c : name) {
      std::uint8_t& count = left[static_cast<unsigned char>(c)];
      if (count == 0) continue;
      --count;
      ++common;
    }
    return common;
  }

  std::string_view wanted_;
  std::array<std::uint8_t, 256> letters_{};
  std::string_view name_ = {};
  std::size_t distance_ = 0;
};

}  // namespace

std::vector<const Key*> all_broker_keys() {
  std::vector<const Key*> keys;
  for (const auto table : kKafkaBrokerTables) {
    for (const Key& key : table()) keys.push_back(&key);
  }
  std::stable_sort(keys.begin(), keys.end(), [](const Key* a, const Key* b) { return a->name < b->name; });
  return keys;
}

const Key* find_broker_key(std::string_view name) {
  for (const auto table : kKafkaBrokerTables) {
    if (const Key* key = find_in(table(), name)) return key;
  }
  return find_in(gregor_keys(), name);
}

const Key* find_topic_key(std::string_view name) {
  return find_in(topic_keys(), name);
}

bool is_of_open_family(std::string_view name) {
  return std::any_of(kOpenFamilies.begin(), kOpenFamilies.end(),
                     [&](std::string_view family) { return name.size() > family.size() && name.starts_with(family); });
}

std::string_view nearest_broker_key(std::string_view name) {
  if (name.size() > kNameMax) return {};
  Nearest nearest(name);
  for (const auto table : kKafkaBrokerTables) {
    for (const Key& key : table()) nearest.consider(key);
  }
  for (const Key& key : gregor_keys()) nearest.consider(key);
  return nearest.if_meant();
}

std::string_view nearest_topic_key(std::string_view name) {
  if (name.size() > kNameMax) return {};
  Nearest nearest(name);
  for (const Key& key : topic_keys()) nearest.consider(key);
  return nearest.if_meant();
}

}  // namespace gregor::config

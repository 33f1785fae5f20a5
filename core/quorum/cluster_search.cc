#include "quorum/cluster_search.h"

#include <utility>
#include <vector>

#include "client/connection.h"
#include "env/clock.h"
#include "quorum/address.h"
#include "quorum/voter_list.h"
#include "wire/describe_cluster.h"

namespace gregor::quorum {
namespace {

constexpr std::int8_t kControllers = 2;  // an endpoint type
constexpr Milliseconds kPauseBetweenRounds{200};
constexpr int kRoundsBetweenLines = 50;
/// A controller that comes up itself does not answer, and is waited for this long.
constexpr Milliseconds kLivingAnswersWithin{500};

std::vector<Address> others(const config::BrokerConfig& config) {
  std::vector<Address> all = bootstrap_addresses(config);
  for (const config::Voter& voter : config.controller_quorum_voters) {
    if (voter.id != config.node_id.value()) all.push_back({voter.host, voter.port});
  }
  return all;
}

struct Told {
  std::string cluster_id;
  bool has_leader = false;
};

std::optional<Told> ask(env::Fiber& self, env::Shard& shard, const Address& address,
                        const client::LinkSettings& settings) {
  const auto addresses = shard.network.resolve(self, address.host);
  if (!addresses || addresses->empty()) return std::nullopt;
  const auto link = client::Connection::open(self, shard, {addresses->front(), address.port}, settings);
  if (!link) return std::nullopt;
  wire::DescribeClusterRequest request;
  request.endpoint_type = kControllers;
  const auto answer = (*link)->ask<wire::DescribeClusterRequest, wire::DescribeClusterResponse>(self, request);
  if (!answer || answer->body.error_code != 0 || answer->body.cluster_id.empty()) return std::nullopt;
  return Told{std::string(answer->body.cluster_id), answer->body.controller_id >= 0};
}

client::LinkSettings settings_with(Milliseconds timeout) {
  return {.client_id = "gregor-search", .connect_timeout = timeout, .request_timeout = timeout};
}

}  // namespace

ClusterSearch::ClusterSearch(env::Shard& shard, const config::BrokerConfig& config, observe::Log& log)
    : shard_(shard), config_(config), log_(log) {}

std::optional<std::string> ClusterSearch::find(env::Fiber& self) {
  if (is_given_up_) return std::nullopt;
  /// Goes with the fiber's entry, whether that ever runs or not.
  struct Ticket {
    explicit Ticket(std::shared_ptr<ClusterSearch> of) : search(std::move(of)) {}
    Ticket(Ticket&&) = default;
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (!search) return;
      search->searcher_ = nullptr;
      search->ended_.wake_all();
    }
    std::shared_ptr<ClusterSearch> search;
  };
  searcher_ = &shard_.fibers.spawn("cluster-search", [ticket = Ticket(shared_from_this())](env::Fiber& fiber) {
    ticket.search->found_ = ticket.search->search(fiber);
  });
  while (searcher_ != nullptr) ended_.wait(self);
  return std::move(found_);
}

void ClusterSearch::give_up() {
  is_given_up_ = true;
  if (searcher_ != nullptr) searcher_->cancel();
}

std::string ClusterSearch::search(env::Fiber& self) {
  const std::vector<Address> asked = others(config_);
  const auto settings = settings_with(Milliseconds(config_.controller_quorum_request_timeout_ms));
  for (int round = 0;; ++round) {
    if (round % kRoundsBetweenLines == 0) {
      log_.info("cluster.search",
                {{"node_id", config_.node_id.value()},
                 {"hint",
                  "the directories are empty: a controller of the cluster must say its id; where all of the "
                  "cluster is new, give every voter gregor.initial.cluster"}});
    }
    for (const Address& address : asked) {
      if (auto told = ask(self, shard_, address, settings)) return std::move(told->cluster_id);
    }
    env::sleep_for(self, shard_.clock, kPauseBetweenRounds);
  }
}

std::optional<std::string> find_living_cluster(env::Fiber& self, env::Shard& shard,
                                               const config::BrokerConfig& config) {
  const auto settings = settings_with(kLivingAnswersWithin);
  for (const Address& address : others(config)) {
    auto told = ask(self, shard, address, settings);
    if (told && told->has_leader) return std::move(told->cluster_id);
  }
  return std::nullopt;
}

}  // namespace gregor::quorum

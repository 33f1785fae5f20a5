// How Admin asks: any broker, again and again while that is safe and the time lasts.
#pragma once

#include "client/cluster.h"
#include "client/outcome.h"

namespace gregor::client {

/// Asks some broker until it answers or the cluster's api_timeout has passed. `attempt` takes an open link.
template <class Attempt>
auto retried(env::Fiber& self, Cluster& cluster, Attempt attempt) -> decltype(attempt(std::declval<Connection&>())) {
  const MonotonicTime deadline = cluster.deadline_in(cluster.settings().api_timeout);
  Backoff waits = cluster.backoff();
  Fate fate = Fate::failed;  // of all tries together
  while (true) {
    auto link = cluster.any_link(self);
    Failure failure;
    if (link) {
      auto outcome = attempt(**link);
      if (outcome) return outcome;
      failure = std::move(outcome.error());
    } else {
      failure = std::move(link.error());
    }
    if (failure.fate == Fate::unknown) fate = Fate::unknown;
    const bool is_final = failure.code == wire::ErrorCode::unknown_topic_or_partition || !is_retriable(failure);
    if (is_final || !cluster.back_off(self, waits, deadline)) {
      failure.fate = fate;
      return passed_on(std::move(failure));
    }
  }
}

}  // namespace gregor::client

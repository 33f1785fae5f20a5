// Who lives in a scenario.
#include "scenarios/workload.h"

namespace gregor::scenarios {

std::vector<Workload::Actor> Workload::actors() {
  using Step = void (Workload::*)(env::Fiber&, env::Shard&, std::size_t);
  std::vector<Actor> all;
  const auto add = [&](const char* kind, std::size_t count, Step step, bool writes) {
    for (std::size_t i = 0; i < count; ++i) {
      all.push_back({.name = std::string(kind) + std::to_string(i),
                     .body = [this, step, i](env::Fiber& self, env::Shard& shard) { (this->*step)(self, shard, i); },
                     .writes = writes});
    }
  };
  const auto number = [](std::int32_t clients) { return static_cast<std::size_t>(clients); };
  add("producer-", scenario_.producers.size(), &Workload::produce, true);
  add("sequences-", number(scenario_.sequence_clients), &Workload::send_sequences, true);
  add("churn-", number(scenario_.churned_topics), &Workload::churn_topic, true);
  add("transactions-", number(scenario_.transaction_clients), &Workload::run_transactions, true);
  add("compaction-", number(scenario_.compaction_clients), &Workload::compact, true);
  add("configs-", number(scenario_.config_clients), &Workload::change_configs, true);
  add("reassignments-", number(scenario_.reassignment_clients), &Workload::reassign, true);
  add("directories-", number(scenario_.directory_clients), &Workload::move_directories, true);
  add("consumer-", scenario_.consumers.size(), &Workload::consume, false);
  for (std::size_t group = 0; group < scenario_.groups.size(); ++group) {
    for (std::size_t member = 0; member < number(scenario_.groups[group].members); ++member) {
      all.push_back({.name = "member-" + std::to_string(group) + "-" + std::to_string(member),
                     .body = [this, group, member](env::Fiber& self,
                                                   env::Shard& shard) { live_in_group(self, shard, group, member); },
                     .writes = true});
    }
  }
  return all;
}

}  // namespace gregor::scenarios

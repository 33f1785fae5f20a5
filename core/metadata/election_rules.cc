#include "metadata/election_rules.h"

#include <limits>

#include "config/value.h"
#include "metadata/metadata_version.h"

namespace gregor::metadata {

namespace {

void lay_over(ElectionRules& rules, const ConfigValues& values) {
  if (const auto set = values.find("min.insync.replicas"); set != values.end()) {
    const auto count = config::parse_integer(set->second, 1, std::numeric_limits<std::int32_t>::max());
    if (count) rules.min_insync_replicas = static_cast<std::int32_t>(*count);
  }
  if (const auto set = values.find("unclean.leader.election.enable"); set != values.end()) {
    if (const auto allowed = config::parse_boolean(set->second)) rules.unclean_leader_election = *allowed;
  }
}

}  // namespace

ElectionRules election_rules_of(const config::TopicConfig& defaults) {
  return {.min_insync_replicas = defaults.min_insync_replicas,
          .unclean_leader_election = defaults.unclean_leader_election_enable};
}

ElectionRules election_rules_of(const Image& image, std::string_view topic, const ElectionRules& defaults) {
  ElectionRules rules = defaults;
  lay_over(rules, image.configs_of({ConfigResource::kBroker, ""}));
  lay_over(rules, image.topic_configs(topic));
  return rules;
}

bool tracks_eligible_replicas(const Image& image) {
  return image.feature_level(kEligibleLeaderReplicas) > 0 &&
         image.feature_level(kMetadataVersion) >= kEligibleLeaderReplicasNeed;
}

}  // namespace gregor::metadata

#include "metadata/update_features.h"

#include <algorithm>
#include <array>
#include <map>

#include "metadata/metadata_version.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

/// Levels of metadata.version at which the form of records changed (4.3's table): a downgrade across one would lose
/// what the newer form says.
constexpr std::array<std::int16_t, 9> kLevelsThatChangedRecords = {7, 8, 11, 13, 14, 15, 17, 23, 30};

tl::unexpected<Error> refused(const FeatureUpdate& update, const std::string& why) {
  return fail(Errc::invalid, "The update failed for all features since the following feature had an error: Invalid " +
                                 std::string("update version ") + std::to_string(update.level) + " for feature " +
                                 update.feature + ". " + why);
}

std::string reason_not_supported(const SupportedFeatures& supported, const FeatureUpdate& update,
                                 const std::string& who) {
  const auto range = supported.find(update.feature);
  if (range == supported.end() || range->second.highest == 0) {
    return update.level == 0 ? "" : who + " does not support this feature.";
  }
  if (update.level >= range->second.lowest && update.level <= range->second.highest) return "";
  return who + " only supports versions " + std::to_string(range->second.lowest) + "-" +
         std::to_string(range->second.highest);
}

Result<void> check_supported(const Image& image, const FeatureUpdate& update) {
  const auto known = supported_features();
  if (!known.contains(update.feature)) {
    return refused(update, "Local controller does not support this feature.");
  }
  std::string reason = reason_not_supported(known, update, "Local controller");
  for (const auto& [id, broker] : image.brokers()) {
    if (!reason.empty()) break;
    reason = reason_not_supported(broker.features, update, "Broker " + std::to_string(id.value()));
  }
  for (const auto& [id, controller] : image.controllers()) {
    if (!reason.empty()) break;
    reason = reason_not_supported(controller.features, update, "Controller " + std::to_string(id.value()));
  }
  if (!reason.empty()) return refused(update, reason);
  return {};
}

Result<void> check_direction(std::int16_t present, const FeatureUpdate& update) {
  if (update.level < present && update.type == kFeatureUpgrade) {
    return refused(update,
                   "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                   "unsafe downgrade.");
  }
  if (update.level > present && update.type != kFeatureUpgrade) {
    return refused(update, "Can't downgrade to a newer version.");
  }
  return {};
}

Result<void> check_metadata_version(std::int16_t present, const FeatureUpdate& update) {
  const bool loses_records = std::any_of(kLevelsThatChangedRecords.begin(), kLevelsThatChangedRecords.end(),
                                         [&](std::int16_t level) { return level > update.level && level <= present; });
  if (!loses_records) return {};
  return refused(update, update.type == kFeatureUnsafeDowngrade
                             ? "Unsafe metadata downgrade is not supported in this version."
                             : "Refusing to perform the requested downgrade because it might delete metadata "
                               "information.");
}

Result<void> check_dependencies(const std::map<std::string, std::int16_t>& proposed, const FeatureUpdate& update) {
  if (update.feature != kEligibleLeaderReplicas || update.level == 0) return {};
  const auto metadata_version = proposed.find(std::string(kMetadataVersion));
  if (metadata_version != proposed.end() && metadata_version->second >= kEligibleLeaderReplicasNeed) return {};
  return refused(update, update.feature + " level 1 needs metadata.version " +
                             std::to_string(kEligibleLeaderReplicasNeed) + " or more");
}

Result<void> check(const Image& image, const std::map<std::string, std::int16_t>& proposed,
                   const FeatureUpdate& update) {
  if (update.type < kFeatureUpgrade || update.type > kFeatureUnsafeDowngrade) {
    return refused(update, "The controller does not support the given upgrade type.");
  }
  if (update.level < 0) return refused(update, "A feature version cannot be less than 0.");
  TRY(check_supported(image, update));
  const std::int16_t present = image.feature_level(update.feature);
  TRY(check_direction(present, update));
  if (update.feature == kMetadataVersion) return check_metadata_version(present, update);
  return check_dependencies(proposed, update);
}

}  // namespace

RecordList records_for_eligible_replicas(const Image& image, std::int32_t min_insync_replicas) {
  constexpr std::string_view kKey = "min.insync.replicas";
  RecordList records;
  if (!image.configs_of({ConfigResource::kBroker, ""}).contains(kKey)) {
    const std::string value = std::to_string(min_insync_replicas);
    records.add(
        wire::ConfigRecord{.resource_type = ConfigResource::kBroker, .resource_name = "", .name = kKey, .value = value},
        0);
  }
  for (const auto& [resource, values] : image.configs()) {
    if (resource.type != ConfigResource::kBroker || resource.name.empty() || !values->contains(kKey)) continue;
    records.add(wire::ConfigRecord{.resource_type = ConfigResource::kBroker,
                                   .resource_name = resource.name,
                                   .name = kKey,
                                   .value = std::nullopt},
                0);
  }
  return records;
}

Result<RecordList> decide_update_features(const Image& image, const std::vector<FeatureUpdate>& updates,
                                          std::int32_t min_insync_replicas) {
  std::map<std::string, FeatureUpdate> distinct;
  std::map<std::string, std::int16_t> proposed;
  for (const auto& [name, level] : image.features()) proposed[name] = level;
  for (const FeatureUpdate& update : updates) {
    distinct[update.feature] = update;
    proposed[update.feature] = update.level;
  }
  RecordList records;
  for (const auto& [name, update] : distinct) {
    TRY(check(image, proposed, update));
    records.add(wire::FeatureLevelRecord{.name = name, .feature_level = update.level}, 0);
    const bool begins_to_track = name == kEligibleLeaderReplicas && update.level > 0 && image.feature_level(name) == 0;
    if (begins_to_track) records.append(records_for_eligible_replicas(image, min_insync_replicas));
  }
  return records;
}

}  // namespace gregor::metadata

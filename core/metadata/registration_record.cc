#include "metadata/registration_record.h"

namespace gregor::metadata {

namespace {

// Of RegisterBrokerRecord.
constexpr std::int16_t kTellsControlledShutdown = 1;
constexpr std::int16_t kTellsDirectories = 3;
constexpr std::int16_t kTellsCordonedDirectories = 4;

template <class Record, class Registration>
void tell_reach(const Registration& registration, Record& record) {
  for (const Endpoint& at : registration.listeners) {
    record.end_points.push_back(
        {.name = at.name, .host = at.host, .port = at.port, .security_protocol = at.security_protocol});
  }
  for (const auto& [name, range] : registration.features) {
    record.features.push_back(
        {.name = name, .min_supported_version = range.lowest, .max_supported_version = range.highest});
  }
}

}  // namespace

wire::RegisterBrokerRecord registration_record_of(const BrokerRegistration& broker, std::int16_t version) {
  wire::RegisterBrokerRecord record{
      .broker_id = broker.id.value(), .incarnation_id = broker.incarnation_id, .broker_epoch = broker.epoch.value()};
  tell_reach(broker, record);
  record.rack = broker.rack ? std::optional<std::string_view>(*broker.rack) : std::nullopt;
  record.fenced = broker.fenced;
  if (version >= kTellsControlledShutdown) record.in_controlled_shutdown = broker.in_controlled_shutdown;
  if (version >= kTellsDirectories) record.log_dirs = broker.log_dirs;
  if (version >= kTellsCordonedDirectories && !broker.cordoned_log_dirs.empty()) {
    record.cordoned_log_dirs = broker.cordoned_log_dirs;
  }
  return record;
}

wire::RegisterControllerRecord registration_record_of(const ControllerRegistration& controller) {
  wire::RegisterControllerRecord record{.controller_id = controller.id.value(),
                                        .incarnation_id = controller.incarnation_id};
  tell_reach(controller, record);
  return record;
}

}  // namespace gregor::metadata

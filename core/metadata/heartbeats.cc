#include "metadata/heartbeats.h"

#include <algorithm>
#include <limits>
#include <span>

#include "base/mutant.h"
#include "metadata/broker_epoch.h"
#include "metadata/broker_partitions.h"
#include "metadata/brokers.h"
#include "metadata/directory_failures.h"
#include "metadata/image_after.h"
#include "metadata/placement.h"

namespace gregor::metadata {

void BrokerHeartbeats::begin(const Image& image, MonotonicTime now) {
  contacts_.clear();
  for (const auto& [id, broker] : image.brokers()) contacts_[id] = {.epoch = broker.epoch, .last = now};
}

void BrokerHeartbeats::registered(NodeId broker, BrokerEpoch epoch, MonotonicTime now) {
  Contact& contact = contacts_[broker];
  if (contact.epoch != epoch) contact = {.epoch = epoch};
  contact.last = now;
  contact.is_lost = false;
}

void BrokerHeartbeats::took(const BrokerHeartbeat& heartbeat, const HeartbeatDecision& decision, Offset last_record,
                            MonotonicTime now) {
  registered(heartbeat.id, heartbeat.epoch, now);
  Contact& contact = contacts_[heartbeat.id];
  contact.metadata_offset = heartbeat.current_metadata_offset;
  if (!decision.is_shutting_down) {
    contact.shutdown_offset = kNoOffset;
  } else if (contact.shutdown_offset == kNoOffset) {
    contact.shutdown_offset = last_record;
  }
}

void BrokerHeartbeats::lost(NodeId broker) {
  if (const auto contact = contacts_.find(broker); contact != contacts_.end()) contact->second.is_lost = true;
}

const BrokerHeartbeats::Contact* BrokerHeartbeats::contact_of(const BrokerRegistration& broker) const {
  const auto contact = contacts_.find(broker.id);
  return contact != contacts_.end() && contact->second.epoch == broker.epoch ? &contact->second : nullptr;
}

bool BrokerHeartbeats::is_expired(const BrokerRegistration& broker, MonotonicTime now) const {
  const Contact* contact = contact_of(broker);
  return contact == nullptr || contact->is_lost || contact->last + session_timeout_ < now;
}

bool BrokerHeartbeats::has_session(const Image& image, NodeId broker, MonotonicTime now) const {
  const BrokerRegistration* registration = image.find_broker(broker);
  return registration != nullptr && !registration->fenced && !is_expired(*registration, now);
}

std::optional<MonotonicTime> BrokerHeartbeats::last_heard(const BrokerRegistration& broker) const {
  const Contact* contact = contact_of(broker);
  return contact == nullptr ? std::nullopt : std::optional(contact->last);
}

std::vector<NodeId> BrokerHeartbeats::expired(const Image& image, MonotonicTime now) const {
  std::vector<std::pair<MonotonicTime, NodeId>> silent;
  for (const auto& [id, broker] : image.brokers()) {
    if (broker.fenced || !is_expired(broker, now)) continue;
    const Contact* contact = contact_of(broker);
    silent.emplace_back(contact == nullptr ? MonotonicTime{} : contact->last, id);
  }
  std::sort(silent.begin(), silent.end());
  std::vector<NodeId> brokers;
  for (const auto& [last, id] : silent) brokers.push_back(id);
  return brokers;
}

std::optional<MonotonicTime> BrokerHeartbeats::next_expiry(const Image& image) const {
  std::optional<MonotonicTime> next;
  for (const auto& [id, broker] : image.brokers()) {
    const Contact* contact = contact_of(broker);
    if (broker.fenced || contact == nullptr) continue;
    // The session holds at its very end too.
    const MonotonicTime end = contact->is_lost ? contact->last : contact->last + session_timeout_ + Nanoseconds{1};
    next = next ? std::min(*next, end) : end;
  }
  return next;
}

std::optional<Offset> BrokerHeartbeats::shutdown_offset(NodeId broker) const {
  const auto contact = contacts_.find(broker);
  if (contact == contacts_.end() || contact->second.shutdown_offset == kNoOffset) return std::nullopt;
  return contact->second.shutdown_offset;
}

Offset BrokerHeartbeats::lowest_active_offset(const Image& image) const {
  Offset lowest{std::numeric_limits<std::int64_t>::max()};
  for (const auto& [id, broker] : image.brokers()) {
    if (!is_active(image, id) || shutdown_offset(id)) continue;
    const Contact* contact = contact_of(broker);
    lowest = std::min(lowest, contact == nullptr ? kNoOffset : contact->metadata_offset);
  }
  return lowest;
}

namespace {

enum class Standing : unsigned char { fenced, unfenced, in_controlled_shutdown, gone };

bool has_caught_up(const BrokerRegistration& broker, const BrokerHeartbeat& request) {
  return request.current_metadata_offset.value() >= broker.epoch.value();
}

Standing standing_of(const BrokerRegistration& broker, const BrokerHeartbeats& book) {
  if (broker.fenced) return Standing::fenced;
  return book.shutdown_offset(broker.id) ? Standing::in_controlled_shutdown : Standing::unfenced;
}

Standing next_standing(const Image& image, const BrokerHeartbeats& book, const BrokerRegistration& broker,
                       const BrokerHeartbeat& request) {
  switch (standing_of(broker, book)) {
    case Standing::fenced:
      if (request.want_shut_down) return Standing::gone;
      return !request.want_fence && has_caught_up(broker, request) ? Standing::unfenced : Standing::fenced;
    case Standing::unfenced:
      if (request.want_fence) return request.want_shut_down ? Standing::gone : Standing::fenced;
      if (!request.want_shut_down) return Standing::unfenced;
      return leads_anything(image, broker.id) ? Standing::in_controlled_shutdown : Standing::gone;
    default:
      // Whoever still believes that it leads would ask it, so that all must know better first.
      if (leads_anything(image, broker.id) || *book.shutdown_offset(broker.id) > book.lowest_active_offset(image)) {
        return Standing::in_controlled_shutdown;
      }
      return Standing::gone;
  }
}

Result<RecordList> records_towards(Standing next, const Image& image, const ElectionRules& defaults,
                                   const BrokerRegistration& broker) {
  switch (next) {
    case Standing::unfenced:
      return decide_unfence_broker(image, defaults, broker.id, broker.epoch);
    case Standing::in_controlled_shutdown:
      return decide_controlled_shutdown(image, defaults, broker.id, broker.epoch);
    default:
      return decide_fence_broker(image, defaults, broker.id, broker.epoch);
  }
}

}  // namespace

Result<HeartbeatDecision> decide_broker_heartbeat(const Image& image, const BrokerHeartbeats& book,
                                                  const ElectionRules& defaults, const BrokerHeartbeat& request) {
  TRY_ASSIGN(const BrokerRegistration* broker, registered_broker(image, request.id, request.epoch));
  const Standing present = standing_of(*broker, book);
  const Standing next = next_standing(image, book, *broker, request);
  HeartbeatDecision decision;
  // Directories first: nothing is to be elected into one that failed.
  if (!request.offline_log_dirs.empty()) {
    decision.records = records_for_offline_directories(image, defaults, request.id, request.offline_log_dirs);
  }
  if (present != next) {
    const Image after = image_after(image, decision.records);
    TRY_ASSIGN(auto more, records_towards(next, after, defaults, *broker));
    decision.records.append(std::move(more));
  }
  decision.is_caught_up = has_caught_up(*broker, request);
  decision.is_fenced = next == Standing::fenced || next == Standing::gone;
  decision.is_shutting_down = next == Standing::in_controlled_shutdown;
  decision.should_shut_down = next == Standing::gone;
  return decision;
}

namespace {

/// All of them are marked first: none is to be elected in place of another.
RecordList records_for_expired(const Image& image, const ElectionRules& defaults, std::span<const NodeId> expired) {
  RecordList records;
  for (const NodeId broker : expired) records.append(fencing_record(*image.find_broker(broker)));
  const Image marked = image_after(image, records);
  Image present = marked;
  for (const NodeId broker : expired) {
    const Image& seen = MUTANT(expiries_from_one_image) ? marked : present;
    RecordList more = records_for_leaving(seen, defaults, broker);
    present = image_after(std::move(present), more);
    records.append(std::move(more));
  }
  return records;
}

}  // namespace

ExpiredSessions decide_expired_sessions(const Image& image, const BrokerHeartbeats& book, const ElectionRules& defaults,
                                        MonotonicTime now) {
  ExpiredSessions sessions{.brokers = book.expired(image, now)};
  for (;;) {
    sessions.records = records_for_expired(image, defaults, sessions.brokers);
    if (sessions.records.bytes() <= kMetadataBatchBytesMax || sessions.brokers.size() < 2) return sessions;
    sessions.brokers.resize(sessions.brokers.size() / 2);
  }
}

}  // namespace gregor::metadata

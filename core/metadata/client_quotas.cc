#include "metadata/client_quotas.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "base/numeric_address.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr std::string_view kUser = "user";
constexpr std::string_view kClientId = "client-id";
constexpr std::string_view kIp = "ip";
/// A whole number may miss it by so much (Kafka's tolerance).
constexpr double kWholeWithin = 1e-6;

bool is_known_type(std::string_view type) {
  return type == kUser || type == kClientId || type == kIp;
}

struct QuotaKey {
  std::string_view name;
  double maximum;  ///< 0: any, and fractions too
};
constexpr double kInt64Max = 9223372036854775807.0;
constexpr double kInt32Max = 2147483647.0;
constexpr std::array kOfUsersAndClients = {QuotaKey{"producer_byte_rate", kInt64Max},
                                           QuotaKey{"consumer_byte_rate", kInt64Max}, QuotaKey{"request_percentage", 0},
                                           QuotaKey{"controller_mutation_rate", 0}};
constexpr std::array kOfAddresses = {QuotaKey{"connection_creation_rate", kInt32Max}};

/// What is wrong, in a sentence; none where nothing is.
using Fault = std::optional<std::string>;

Fault fault_of_entity(const AlterClientQuotas::Entry& entry) {
  if (entry.entity.empty()) return "Invalid empty client quota entity";
  std::set<std::string_view> types;
  for (const auto& [type, name] : entry.entity) {
    if (!types.insert(type).second) return "Invalid client quota entity, duplicate entity entry " + type;
    if (!is_known_type(type)) return "Unhandled client quota entity type: " + type;
  }
  if (!types.contains(kIp)) return std::nullopt;
  if (types.size() > 1) {
    return "Invalid quota entity combination, IP entity should not be combined with User or ClientId";
  }
  const auto& address = entry.entity.front().second;
  if (address && !is_numeric_address(*address)) return *address + " is not a valid IP or resolvable host.";
  return std::nullopt;
}

Fault fault_of_value(const QuotaEntity& entity, const std::string& key, double value) {
  const auto is_it = [&](const QuotaKey& known) { return known.name == key; };
  const QuotaKey* found = nullptr;
  if (entity.contains(std::string(kIp))) {
    const auto* at = std::find_if(kOfAddresses.begin(), kOfAddresses.end(), is_it);
    if (at != kOfAddresses.end()) found = at;
  } else {
    const auto* at = std::find_if(kOfUsersAndClients.begin(), kOfUsersAndClients.end(), is_it);
    if (at != kOfUsersAndClients.end()) found = at;
  }
  if (found == nullptr) return "Invalid configuration key " + key;
  if (!(value > 0)) return "Quota " + key + " must be greater than 0";
  if (found->maximum == 0) return std::nullopt;
  if (value > found->maximum) return "Proposed value for " + key + " is too large";
  const double whole = value < kInt64Max ? static_cast<double>(static_cast<std::int64_t>(value)) : value;
  if (value - whole > kWholeWithin) return key + " cannot be a fractional value.";
  return std::nullopt;
}

wire::ClientQuotaRecord record_of(const QuotaEntity& entity, const std::string& key) {
  wire::ClientQuotaRecord record{.key = key};
  for (const auto& [type, name] : entity) {
    record.entity.push_back(
        {.entity_type = type, .entity_name = name ? std::optional<std::string_view>(*name) : std::nullopt});
  }
  return record;
}

/// The records of one entity's change, or what is wrong with it.
Fault plan(const Image& image, const QuotaEntity& entity, const std::vector<QuotaOperation>& operations,
           RecordList& records) {
  const QuotaValues* present = image.client_quotas().find(entity);
  std::map<std::string, std::optional<double>> wanted;
  for (const QuotaOperation& operation : operations) {
    if (!wanted.emplace(operation.key, operation.value).second) {
      return "Duplicate quota key " + operation.key + ", not updating quota for this entity";
    }
  }
  for (const auto& [key, value] : wanted) {
    const auto now = present == nullptr ? QuotaValues::const_iterator{} : present->find(key);
    const bool is_set = present != nullptr && now != present->end();
    if (value) {
      if (Fault fault = fault_of_value(entity, key, *value)) return fault;
      if (is_set && now->second == *value) continue;
    } else if (!is_set) {
      continue;
    }
    wire::ClientQuotaRecord record = record_of(entity, key);
    record.value = value.value_or(0);
    record.remove = !value.has_value();
    records.add(record, 0);
  }
  return std::nullopt;
}

}  // namespace

Decision<AlteredClientQuotas> decide_alter_client_quotas(const Image& image, const AlterClientQuotas& request) {
  Decision<AlteredClientQuotas> decision;
  std::set<QuotaEntity> seen;
  for (const AlterClientQuotas::Entry& entry : request.entries) {
    AlteredClientQuotas reply{.entity = QuotaEntity(entry.entity.begin(), entry.entity.end()),
                              .error = ErrorCode::none,
                              .error_message = std::nullopt};
    RecordList records;
    Fault fault = fault_of_entity(entry);
    if (!fault && !seen.insert(reply.entity).second) fault = "Ignoring duplicate entity";
    if (!fault) fault = plan(image, reply.entity, entry.operations, records);
    if (fault) {
      reply.error = ErrorCode::invalid_request;
      reply.error_message = std::move(fault);
    } else {
      decision.records.append(std::move(records));
    }
    decision.replies.push_back(std::move(reply));
  }
  if (request.validate_only) decision.records = {};
  return decision;
}

namespace {

/// A filter read: names to match (none: the default entity), and types of which any name will do.
struct Wanted {
  std::map<std::string, std::optional<std::string>> exact;
  std::set<std::string> types;
};

constexpr std::int8_t kMatchExact = 0;  // 1 is the default entity
constexpr std::int8_t kMatchAny = 2;

Result<Wanted> read_filter(const QuotaFilter& filter) {
  Wanted wanted;
  for (const QuotaFilter::Component& part : filter.components) {
    if (part.type.empty()) return fail(Errc::invalid, "Invalid empty entity type.");
    if (wanted.exact.contains(part.type) || wanted.types.contains(part.type)) {
      return fail(Errc::invalid, "Entity type " + part.type + " cannot appear more than once in the filter.");
    }
    if (!is_known_type(part.type)) return fail(Errc::unsupported, "Unsupported entity type " + part.type);
    if (part.match_type < kMatchExact || part.match_type > kMatchAny) {
      return fail(Errc::invalid, "Unknown match type " + std::to_string(part.match_type));
    }
    if (part.match_type == kMatchExact && !part.match) {
      return fail(Errc::invalid, "Request specified MATCH_TYPE_EXACT, but set match string to null.");
    }
    if (part.match_type != kMatchExact && part.match) {
      return fail(Errc::invalid, "A match string goes with MATCH_TYPE_EXACT only.");
    }
    if (part.match_type == kMatchAny) {
      wanted.types.insert(part.type);
    } else {
      wanted.exact.emplace(part.type, part.match);
    }
  }
  const auto names = [&](std::string_view type) {
    return wanted.exact.contains(std::string(type)) || wanted.types.contains(std::string(type));
  };
  if (names(kIp) && (names(kUser) || names(kClientId))) {
    return fail(Errc::invalid, "An IP filter component should not be used with user or clientId filter components.");
  }
  return wanted;
}

bool fits(const QuotaEntity& entity, const Wanted& wanted, bool strict) {
  if (strict && entity.size() != wanted.exact.size() + wanted.types.size()) return false;
  for (const auto& [type, name] : wanted.exact) {
    const auto part = entity.find(type);
    if (part == entity.end() || part->second != name) return false;
  }
  return std::all_of(wanted.types.begin(), wanted.types.end(),
                     [&](const std::string& type) { return entity.contains(type); });
}

}  // namespace

FoundQuotas find_client_quotas(const Image& image, const QuotaFilter& filter) {
  FoundQuotas found;
  const auto wanted = read_filter(filter);
  if (!wanted) {
    found.error =
        wanted.error().code == Errc::unsupported ? ErrorCode::unsupported_version : ErrorCode::invalid_request;
    found.error_message = wanted.error().text;
    return found;
  }
  for (const auto& [entity, values] : image.client_quotas()) {
    if (fits(entity, *wanted, filter.strict)) found.entries.emplace_back(entity, values);
  }
  return found;
}

}  // namespace gregor::metadata

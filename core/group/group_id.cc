#include "group/group_id.h"

#include <limits>

#include "base/check.h"

namespace gregor::group {
namespace {

constexpr std::int16_t kProtocolNamedSince = 5;
constexpr std::uint32_t kReplacement = 0xfffd;

/// One code point off the front of `text`, which is not empty; a byte that starts none counts alone.
std::uint32_t take_code_point(std::string_view& text) {
  const auto byte_at = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
  const std::uint32_t lead = byte_at(0);
  std::size_t length = 1;
  if (lead >= 0xf0 && lead < 0xf8)
    length = 4;
  else if (lead >= 0xe0)
    length = lead < 0xf0 ? 3 : 1;
  else if (lead >= 0xc0)
    length = 2;
  bool whole = length > 1 && text.size() >= length;
  std::uint32_t point = length == 4 ? lead & 0x07U : length == 3 ? lead & 0x0fU : lead & 0x1fU;
  for (std::size_t at = 1; whole && at < length; ++at) {
    whole = (byte_at(at) & 0xc0U) == 0x80U;
    point = (point << 6U) | (byte_at(at) & 0x3fU);
  }
  text.remove_prefix(whole ? length : 1);
  if (whole) return point;
  return lead < 0x80 ? lead : kReplacement;
}

}  // namespace

std::int32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;
  while (!text.empty()) {
    const std::uint32_t point = take_code_point(text);
    if (point >= 0x10000) {
      hash = 31 * hash + (0xd800U + ((point - 0x10000U) >> 10U));
      hash = 31 * hash + (0xdc00U + ((point - 0x10000U) & 0x3ffU));
    } else {
      hash = 31 * hash + point;
    }
  }
  return static_cast<std::int32_t>(hash);
}

PartitionIndex partition_of(std::string_view group_id, std::int32_t partitions) {
  CHECK(partitions > 0);
  const std::int32_t hash = java_hash(group_id);
  if (hash == std::numeric_limits<std::int32_t>::min()) return PartitionIndex{0};  // it has no absolute value
  return PartitionIndex{(hash < 0 ? -hash : hash) % partitions};
}

wire::ErrorCode refusal_of_join(const wire::JoinGroupRequest& request, const GroupSettings& settings) {
  if (request.group_id.empty()) return wire::ErrorCode::invalid_group_id;
  const Milliseconds session(request.session_timeout_ms);
  if (session < settings.session_timeout_min || session > settings.session_timeout_max)
    return wire::ErrorCode::invalid_session_timeout;
  return wire::ErrorCode::none;
}

wire::ErrorCode refusal_of_sync(const wire::SyncGroupRequest& request, std::int16_t api_version) {
  const bool names_protocol = request.protocol_type && request.protocol_name;
  if (api_version >= kProtocolNamedSince && !names_protocol) return wire::ErrorCode::inconsistent_group_protocol;
  return refusal_of_group_id(request.group_id);
}

wire::ErrorCode refusal_of_group_id(std::string_view group_id) {
  return group_id.empty() ? wire::ErrorCode::invalid_group_id : wire::ErrorCode::none;
}

}  // namespace gregor::group

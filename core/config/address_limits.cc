#include "config/address_limits.h"

#include "base/numeric_address.h"
#include "config/value.h"

namespace gregor::config {

Result<AddressLimits> parse_address_limits(std::string_view text) {
  AddressLimits limits;
  for (const std::string& pair : parse_list(text)) {
    const auto colon = pair.rfind(':');
    const std::string_view address = trimmed(std::string_view(pair).substr(0, colon));
    const auto limit = colon == std::string::npos ? std::nullopt : parse_integer(pair.substr(colon + 1), 0, INT32_MAX);
    if (!limit || !is_numeric_address(address)) {
      return fail(Errc::invalid, "'" + pair + "' must be an address in figures, a colon and a limit, as 127.0.0.1:200");
    }
    if (!limits.emplace(address, static_cast<std::int32_t>(*limit)).second) {
      return fail(Errc::invalid, "must name " + std::string(address) + " once");
    }
  }
  return limits;
}

std::string to_text(const AddressLimits& limits) {
  std::string text;
  for (const auto& [address, limit] : limits) {
    if (!text.empty()) text += ',';
    text += address + ':' + std::to_string(limit);
  }
  return text;
}

}  // namespace gregor::config

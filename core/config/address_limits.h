// Limits of single addresses: "127.0.0.1:200,::1:10", as max.connections.per.ip.overrides says them. A value; no name
// is looked up here, so an address is figures.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gregor::config {

/// By address as it is written.
using AddressLimits = std::map<std::string, std::int32_t, std::less<>>;

/// Pairs, separated by commas; the last colon of each parts address and limit (0 to 2^31-1). Blank text: none. Errors:
/// invalid, as the end of a sentence that names the pair; an address may stand once.
Result<AddressLimits> parse_address_limits(std::string_view text);
/// In the order of addresses.
std::string to_text(const AddressLimits& limits);

}  // namespace gregor::config

// Numeric addresses as the bytes that an Envelope carries: 4 of IPv4, 16 of IPv6. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace gregor::broker {

/// "127.0.0.1", "::1", "::ffff:10.0.0.1". Empty where the text is no such address.
ByteBuffer inet_bytes_of(std::string_view address);
/// None for other sizes.
std::optional<std::string> inet_address_of(Bytes bytes);

}  // namespace gregor::broker

// The golden vectors of ../shared/vectors (or GREGOR_VECTORS), line by line, and small helpers to compare with them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace gregor::vectors {

/// None when the folder or file is not there: the test skips.
std::optional<std::vector<nlohmann::json>> lines_of(const std::string& file);
std::optional<nlohmann::json> whole(const std::string& file);
ByteBuffer from_hex(const std::string& hex);
std::string to_hex(Bytes bytes);
/// Standard base64 with padding, as Kafka's JSON has it.
ByteBuffer from_base64(const std::string& text);

}  // namespace gregor::vectors

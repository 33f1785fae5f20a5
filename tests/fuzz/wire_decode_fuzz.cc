// Any bytes as the body of any message at any version: no crash, and what decodes has exactly one encoding.
// Input: two bytes choose the message, one the version, the rest is the body.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "wire/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  using namespace gregor;
  if (size < 3) return 0;
  const Bytes bytes = std::as_bytes(std::span(input, size));
  const auto rows = wire::all_messages();
  const wire::MessageRow& row = rows[load_big_endian<std::uint16_t>(bytes.data()) % rows.size()];
  const int versions = row.version_max - row.version_min + 1;
  const auto version = static_cast<std::int16_t>(row.version_min + std::to_integer<int>(bytes[2]) % versions);

  const auto once = row.recode(bytes.subspan(3), version);
  if (!once) {
    CHECK(once.error().code == Errc::malformed);  // what decodes can be encoded: nothing else may be refused
    return 0;
  }
  const auto twice = row.recode(*once, version);
  CHECK(twice.has_value() && *twice == *once);
  const auto shown = row.dump(*once, version);
  CHECK(shown.has_value() && !shown->to_text().empty());
  return 0;
}

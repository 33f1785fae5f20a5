#include "wire/codec_parts.h"

namespace gregor::wire {

Result<void> result_of(const Refusal& refusal, const char* message, std::int16_t version) {
  if (refusal.field == nullptr) return {};
  const std::string where = std::string(message) + " v" + std::to_string(version) + ": " + refusal.field;
  switch (refusal.why) {
    case Refusal::Why::absent:
      return fail(Errc::unsupported, where + " is set, but this version has no such field");
    case Refusal::Why::null:
      return fail(Errc::invalid, where + " may not be null");
    case Refusal::Why::too_long:
      return fail(Errc::invalid, where + " is longer than 32767 bytes");
  }
  return {};
}

tl::unexpected<Error> unserved_version(const char* message, std::int16_t version) {
  return fail(Errc::unsupported, std::string(message) + " has no version " + std::to_string(version));
}

tl::unexpected<Error> unknown_type(const char* family, std::int16_t type) {
  return fail(Errc::unsupported, std::string(family) + " has no type " + std::to_string(type));
}

}  // namespace gregor::wire

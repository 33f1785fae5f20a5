#include "broker/inet_address.h"

#include <charconv>
#include <cstdint>
#include <vector>

namespace gregor::broker {
namespace {

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;

std::optional<std::uint32_t> number(std::string_view text, int base, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

ByteBuffer ipv4_bytes(std::string_view text) {
  ByteBuffer bytes;
  for (const std::string_view part : split(text, '.')) {
    const auto value = number(part, 10, 255);
    if (!value) return {};
    bytes.push_back(static_cast<std::byte>(*value));
  }
  return bytes.size() == kIpv4Bytes ? bytes : ByteBuffer{};
}

/// Groups of one side of "::"; none where one of them is wrong.
std::optional<ByteBuffer> group_bytes(std::string_view text) {
  ByteBuffer bytes;
  if (text.empty()) return bytes;
  for (const std::string_view part : split(text, ':')) {
    if (part.find('.') != std::string_view::npos) {
      const ByteBuffer tail = ipv4_bytes(part);
      if (tail.empty()) return std::nullopt;
      append_bytes(bytes, tail);
      continue;
    }
    const auto value = number(part, 16, 0xffff);
    if (!value) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(*value >> 8));
    bytes.push_back(static_cast<std::byte>(*value & 0xff));
  }
  return bytes;
}

ByteBuffer ipv6_bytes(std::string_view text) {
  const std::size_t gap = text.find("::");
  const auto front = group_bytes(text.substr(0, gap));
  const auto back = gap == std::string_view::npos ? ByteBuffer{} : group_bytes(text.substr(gap + 2));
  if (!front || !back) return {};
  const std::size_t known = front->size() + back->size();
  if (known > kIpv6Bytes || (known < kIpv6Bytes && gap == std::string_view::npos)) return {};
  ByteBuffer bytes = *front;
  bytes.resize(kIpv6Bytes - back->size());
  append_bytes(bytes, *back);
  return bytes;
}

}  // namespace

ByteBuffer inet_bytes_of(std::string_view address) {
  return address.find(':') == std::string_view::npos ? ipv4_bytes(address) : ipv6_bytes(address);
}

std::optional<std::string> inet_address_of(Bytes bytes) {
  std::string text;
  if (bytes.size() == kIpv4Bytes) {
    for (const std::byte byte : bytes) {
      text += (text.empty() ? "" : ".") + std::to_string(static_cast<unsigned>(byte));
    }
    return text;
  }
  if (bytes.size() != kIpv6Bytes) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    char group[4];
    const auto value = static_cast<std::uint32_t>(load_big_endian<std::uint16_t>(bytes.data() + i));
    const auto [end, error] = std::to_chars(group, group + sizeof(group), value, 16);
    static_cast<void>(error);  // four figures are room enough
    text += (i == 0 ? "" : ":") + std::string(group, end);
  }
  return text;
}

}  // namespace gregor::broker

#include "tests/record/support/vectors.h"

#include <cstdlib>
#include <fstream>

namespace gregor::vectors {

namespace {

std::ifstream open(const std::string& file) {
  const char* folder = std::getenv("GREGOR_VECTORS");
  const std::string root = folder != nullptr ? folder : std::string(GREGOR_SOURCE_DIR) + "/../shared/vectors";
  return std::ifstream(root + "/" + file);
}

unsigned digit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

}  // namespace

std::optional<std::vector<nlohmann::json>> lines_of(const std::string& file) {
  std::ifstream in = open(file);
  if (!in) return std::nullopt;
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

std::optional<nlohmann::json> whole(const std::string& file) {
  std::ifstream in = open(file);
  if (!in) return std::nullopt;
  return nlohmann::json::parse(in);
}

ByteBuffer from_hex(const std::string& hex) {
  ByteBuffer bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(digit(hex[2 * i]) * 16 + digit(hex[2 * i + 1]));
  }
  return bytes;
}

std::string to_hex(Bytes bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::byte byte : bytes) {
    hex += kDigits[std::to_integer<unsigned>(byte) >> 4];
    hex += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return hex;
}

ByteBuffer from_base64(const std::string& text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  ByteBuffer bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(kAlphabet.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::byte>(bits >> count));
  }
  return bytes;
}

}  // namespace gregor::vectors

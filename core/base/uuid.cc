#include "base/uuid.h"

namespace gregor {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTextLength = 22;

}  // namespace

std::string Uuid::to_text() const {
  std::array<std::byte, 18> raw{};  // 16 bytes and two zero bytes: 24 characters, of which 22 carry the id
  to_bytes(raw.data());
  std::string text;
  for (std::size_t i = 0; i < raw.size(); i += 3) {
    const unsigned group = std::to_integer<unsigned>(raw[i]) << 16 | std::to_integer<unsigned>(raw[i + 1]) << 8 |
                           std::to_integer<unsigned>(raw[i + 2]);
    for (const int shift : {18, 12, 6, 0}) text += kAlphabet[group >> shift & 63];
  }
  text.resize(kTextLength);
  return text;
}

std::optional<Uuid> Uuid::from_text(std::string_view text) {
  if (text.size() == kTextLength + 2 && text.ends_with("=="))
    text.remove_suffix(2);  // Kafka's decoder takes the padding too
  if (text.size() != kTextLength) return std::nullopt;
  std::array<std::byte, 18> raw{};
  for (std::size_t i = 0; i < kTextLength; ++i) {
    const auto digit = kAlphabet.find(text[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    for (unsigned bit = 0; bit < 6; ++bit) {
      const std::size_t place = i * 6 + bit;
      if ((digit >> (5 - bit) & 1) != 0) raw[place / 8] |= std::byte{static_cast<unsigned char>(0x80 >> (place % 8))};
    }
  }
  return Uuid::from_bytes(raw.data());
}

}  // namespace gregor

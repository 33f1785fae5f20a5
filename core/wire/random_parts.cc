#include "wire/random_parts.h"

#include <array>

#include "wire/utf8.h"

namespace gregor::wire {
namespace {

constexpr std::uint64_t kShortTextMax = 12;
constexpr std::uint64_t kLongTextMax = 300;
constexpr std::uint64_t kLongBytesMax = 3000;  // beyond kBorrowBytesMin, so that pieces are drawn too

}  // namespace

std::int64_t Draw::integer(std::int64_t low, std::int64_t high) {
  switch (random_.below(5)) {
    case 0:
      return low;
    case 1:
      return high;
    case 2:
      return 0;
    case 3:
      return random_.between(0, 100);
    default:
      return random_.between(low, high);
  }
}

void Draw::fill(double& into) {
  const std::int64_t thousandths = random_.between(-1'000'000'000, 1'000'000'000);
  into = static_cast<double>(thousandths) / 1024;
}

void Draw::fill(std::string_view& into) {
  static constexpr auto kLetters =
      std::to_array<std::uint32_t>({'a', 'Z', '0', '-', '"', '\\', '\n', 0, 0xe9, 0x416, 0x4e2d, 0x1f680});
  const std::uint64_t longest = random_.chance(1, 16) ? kLongTextMax : kShortTextMax;
  const std::uint64_t length = random_.below(longest + 1);
  std::string text;
  for (std::uint64_t i = 0; i < length; ++i) append_utf8(text, kLetters[random_.below(kLetters.size())]);
  into = arena_.keep(std::move(text));
}

void Draw::fill(Bytes& into) {
  const std::uint64_t longest = random_.chance(1, 8) ? kLongBytesMax : kShortTextMax;
  ByteBuffer bytes(random_.below(longest + 1));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_.below(256));
  into = arena_.keep(std::move(bytes));
}

}  // namespace gregor::wire

#include "base/crc32c.h"

#include <gtest/gtest.h>

namespace gregor {
namespace {

TEST(Crc32c, MatchesTheCheckValueOfTheCastagnoliPolynomial) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283U);  // RFC 3720, appendix B.4
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, ContinuesOverPieces) {
  const std::string_view text = "a batch in two pieces";
  const std::uint32_t first = crc32c(bytes_of(text.substr(0, 7)));
  EXPECT_EQ(extend_crc32c(first, bytes_of(text.substr(7))), crc32c(bytes_of(text)));
}

}  // namespace
}  // namespace gregor

#include "wire/utf8.h"

#include <gtest/gtest.h>

namespace gregor::wire {
namespace {

TEST(Utf8, EveryCodePointThatIsACharacterReadsBack) {
  for (std::uint32_t point = 0; point < 0x110000; ++point) {
    std::string text;
    append_utf8(text, point);
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    ASSERT_EQ(utf8_length(text), surrogate ? 0 : text.size()) << std::hex << point;
  }
}

TEST(Utf8, LongFormsHalvesAndStrayBytesAreRefused) {
  for (const char* text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                           "\xff", "\xc3", "\xe4\xb8", "\xf0\x9f\x9a"}) {
    EXPECT_EQ(utf8_length(text), 0U);
  }
  EXPECT_EQ(utf8_length(""), 0U);
}

}  // namespace
}  // namespace gregor::wire

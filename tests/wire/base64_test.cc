#include <gtest/gtest.h>

#include "base/random.h"
#include "wire/json.h"

namespace gregor::wire {
namespace {

TEST(Base64, KnownPairs) {  // RFC 4648, section 10
  const std::pair<const char*, const char*> pairs[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : pairs) {
    EXPECT_EQ(to_base64(bytes_of(plain)), text);
    EXPECT_EQ(text_of(from_base64(text).value()), plain);
  }
}

TEST(Base64, EveryLengthReadsBack) {
  RandomStream random(5);
  for (std::size_t length = 0; length < 100; ++length) {
    ByteBuffer bytes(length);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
}

TEST(Base64, WhatIsNotIsRefused) {
  for (const char* text : {"Z", "Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm9-", "Zm 9"})
    EXPECT_FALSE(from_base64(text)) << text;
}

}  // namespace
}  // namespace gregor::wire

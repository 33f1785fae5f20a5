#include "wire/random_parts.h"

#include <gtest/gtest.h>

#include "wire/fetch.h"
#include "wire/message.h"
#include "wire/writer.h"

namespace gregor::wire {
namespace {

TEST(Randomize, TheSameSeedDrawsTheSameMessage) {
  const auto drawn = [](std::uint64_t seed) {
    RandomStream random(seed);
    Arena arena;
    FetchRequest request;
    randomize(request, 17, random, arena);
    return encode_body(request, 17).value();
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
}

TEST(Randomize, NullsEmptiesAndLongBytesAllComeUp) {
  RandomStream random(3);
  bool null = false;
  bool empty = false;
  bool piece = false;
  for (int i = 0; i < 300; ++i) {
    Arena arena;
    FetchResponse response;
    randomize(response, 12, random, arena);
    empty |= response.responses.empty();
    for (const auto& topic : response.responses) {
      for (const auto& partition : topic.partitions) {
        null |= !partition.records;
        piece |= partition.records && partition.records->size() >= kBorrowBytesMin;
      }
    }
  }
  EXPECT_TRUE(null && empty && piece);
}

}  // namespace
}  // namespace gregor::wire

#include "wire/unknown_tags.h"

#include <gtest/gtest.h>

#include "wire/fetch.h"
#include "wire/record_frame.h"

namespace gregor::wire {
namespace {

TEST(UnknownTags, EmptyOnesCostOnePointer) {
  EXPECT_EQ(sizeof(UnknownTags), sizeof(void*));
  EXPECT_TRUE(UnknownTags().empty());
}

TEST(UnknownTags, CopiesAreIndependent) {
  UnknownTags tags;
  tags.add(7, bytes_of("x"));
  UnknownTags copy = tags;
  copy.add(8, bytes_of("y"));
  EXPECT_EQ(tags.size(), 1U);
  EXPECT_EQ(copy.size(), 2U);
  EXPECT_EQ(copy[1].number, 8U);
}

TEST(UnknownTagsDeathTest, NumbersMustRise) {
  UnknownTags tags;
  tags.add(7, {});
  EXPECT_DEATH(tags.add(7, {}), "number");
}

// A tag that a later version knows is unknown to an earlier one, and may be lower than one that is known there.
TEST(UnknownTags, AreWrittenInTheOrderOfNumbersAmongTheKnownOnes) {
  FetchRequest request{.cluster_id = "c", .replica_state = {.replica_id = 1}};
  request.unknown_tags.add(5, bytes_of("five"));
  const ByteBuffer bytes = encode_body(request, 15).value();
  FetchRequest again;
  ASSERT_TRUE(decode_body(bytes, again, 15)) << "numbers must rise, or the reader refuses";
  EXPECT_EQ(again.cluster_id, "c");
  EXPECT_EQ(again.replica_state.replica_id, 1);
  ASSERT_EQ(again.unknown_tags.size(), 1U);
  EXPECT_EQ(text_of(again.unknown_tags[0].bytes), "five");

  FetchRequest older;
  older.unknown_tags.add(1, bytes_of("of v15"));
  older.cluster_id = "c";
  const ByteBuffer mixed = encode_body(older, 12).value();
  ASSERT_TRUE(decode_body(mixed, again, 12));
  EXPECT_EQ(again.cluster_id, "c");
  EXPECT_EQ(again.unknown_tags[0].number, 1U);
}

}  // namespace
}  // namespace gregor::wire

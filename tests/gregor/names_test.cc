// How contents of records are shown.
#include "runtime/gregor/names.h"

#include <gtest/gtest.h>

namespace gregor::program {
namespace {

TEST(Names, CodecsAreNamedAsInKafka) {
  EXPECT_EQ(codec_named("zstd").value(), record::Codec::zstd);
  EXPECT_EQ(codec_named("none").value(), record::Codec::none);
  EXPECT_EQ(codec_named("rar").error().code, Errc::invalid);
}

TEST(Names, Base64PadsAsRfc4648Does) {
  EXPECT_EQ(base64(bytes_of("")), "");
  EXPECT_EQ(base64(bytes_of("f")), "Zg==");
  EXPECT_EQ(base64(bytes_of("fo")), "Zm8=");
  EXPECT_EQ(base64(bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(base64(bytes_of("\xff\xfe")), "//4=");
}

TEST(Names, NullTextAndOtherBytesDifferInJson) {
  EXPECT_EQ(json_of(std::nullopt).dump(), "null");
  EXPECT_EQ(json_of(bytes_of("")).dump(), "\"\"");
  EXPECT_EQ(json_of(bytes_of("caf\xc3\xa9")).dump(), "\"caf\xc3\xa9\"");
  EXPECT_EQ(json_of(bytes_of("\xff")).dump(), "{\"base64\":\"/w==\"}");
}

TEST(Names, AComparableLineTellsNullFromEmpty) {
  record::RecordView record;
  record.offset = Offset(7);
  record.timestamp = WallTime{9};
  record.value = Bytes(bytes_of(""));
  EXPECT_EQ(comparable_line(record), "7\t9\t-\t");
}

}  // namespace
}  // namespace gregor::program

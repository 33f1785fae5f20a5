// check_version: what may not be written is refused by the name of the field, before a byte is written.
#include "wire/codec_parts.h"

#include <gtest/gtest.h>

#include "wire/fetch.h"
#include "wire/fetch_snapshot.h"
#include "wire/find_coordinator.h"
#include "wire/init_producer_id.h"
#include "wire/metadata.h"
#include "wire/produce.h"

namespace gregor::wire {
namespace {

template <class Message>
Error refusal(const Message& message, std::int16_t version) {
  const auto allowed = check_version(message, version);
  return allowed ? Error{Errc::io, "allowed", 0} : allowed.error();
}

TEST(CheckVersion, AValueThatTheVersionLacksIsRefused) {
  const InitProducerIdRequest request{.transactional_id = "t", .producer_id = 5};
  EXPECT_EQ(refusal(request, 2).code, Errc::unsupported);
  EXPECT_EQ(refusal(request, 2).text,
            "InitProducerIdRequest v2: InitProducerIdRequest.producerId is set, but this version has no such field");
  EXPECT_TRUE(check_version(request, 3));
}

TEST(CheckVersion, AnIgnorableValueIsDropped) {
  const ProduceRequest request{.topic_data = {{.name = "orders", .topic_id = {1, 2}}}};
  EXPECT_TRUE(check_version(request, 12)) << "the id is ignorable, the name is there";
  EXPECT_TRUE(check_version(request, 13)) << "and the other way around";
  ProduceRequest by_name;
  const ByteBuffer old_form = encode_body(request, 12).value();
  ASSERT_TRUE(decode_body(old_form, by_name, 12));
  EXPECT_EQ(by_name.topic_data[0].name, "orders");
  EXPECT_TRUE(by_name.topic_data[0].topic_id.is_zero());
}

TEST(CheckVersion, ADefaultIsNeverInTheWay) {
  EXPECT_TRUE(check_version(FetchResponse{}, 4));
  EXPECT_TRUE(check_version(FetchRequest{.replica_state = {.replica_id = -1}}, 4));
  EXPECT_FALSE(check_version(FetchRequest{.replica_state = {.replica_id = 3}}, 4));
}

TEST(CheckVersion, NullIsRefusedWhereAVersionForbidsIt) {
  EXPECT_EQ(refusal(MetadataRequest{.topics = std::nullopt}, 0).text,
            "MetadataRequest v0: MetadataRequest.topics may not be null");
  EXPECT_TRUE(check_version(MetadataRequest{.topics = std::nullopt}, 1));
  EXPECT_EQ(refusal(FetchSnapshotResponse{.topics = {{.partitions = {{}}}}}, 0).code, Errc::invalid)
      << "records, null by default";
}

TEST(CheckVersion, AStringThatItsLengthCannotSayIsRefused) {
  const std::string text(kTextBytesMax + 1, 'x');
  const InitProducerIdRequest request{.transactional_id = text};
  EXPECT_EQ(refusal(request, 0).code, Errc::invalid);
  EXPECT_EQ(refusal(request, 4).text,
            "InitProducerIdRequest v4: InitProducerIdRequest.transactionalId is longer than 32767 bytes");
}

TEST(CheckVersion, ADefaultValueIsKafkas) {
  EXPECT_EQ(FindCoordinatorRequest{}.key_type, 0);
  EXPECT_EQ(FetchRequest{}.max_bytes, INT32_MAX);
  EXPECT_EQ(FetchRequest{}.session_epoch, -1);
  EXPECT_FALSE(ProduceRequest{}.transactional_id.has_value());
}

}  // namespace
}  // namespace gregor::wire

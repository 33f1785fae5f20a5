#include "runtime/socket_address.h"

#include <gtest/gtest.h>

namespace gregor::runtime {
namespace {

TEST(SocketAddress, NumericEndpointsSurviveTheWayThereAndBack) {
  for (const char* address : {"127.0.0.1", "0.0.0.0", "::1", "::", "2001:db8::7"}) {
    const env::Endpoint endpoint{address, 9092};
    EXPECT_EQ(endpoint_of(address_of(endpoint).value()), endpoint);
  }
}

TEST(SocketAddress, AMappedIpv4AddressIsToldAsIpv4) {
  EXPECT_EQ(endpoint_of(address_of({"::ffff:192.0.2.9", 7}).value()), (env::Endpoint{"192.0.2.9", 7}));
}

TEST(SocketAddress, NamesAreRefused) {
  for (const char* name : {"localhost", "", "1.2.3.4.5", "[::1]"}) {
    EXPECT_EQ(address_of({name, 1}).error().code, Errc::invalid) << name;
  }
}

}  // namespace
}  // namespace gregor::runtime

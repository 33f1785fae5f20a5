#include "runtime/os_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace gregor::runtime {
namespace {

TEST(OsError, CoreSeesWhatItActsOnAndIoForTheRest) {
  EXPECT_EQ(errc_of(EAGAIN), Errc::would_block);
  EXPECT_EQ(errc_of(ENOSPC), Errc::no_space);
  EXPECT_EQ(errc_of(EDQUOT), Errc::no_space);
  EXPECT_EQ(errc_of(ENOENT), Errc::not_found);
  EXPECT_EQ(errc_of(EADDRINUSE), Errc::exists);
  EXPECT_EQ(errc_of(ECONNREFUSED), Errc::closed);
  EXPECT_EQ(errc_of(EPIPE), Errc::closed);
  EXPECT_EQ(errc_of(EIO), Errc::io);
  EXPECT_EQ(errc_of(EBADF), Errc::io);
}

TEST(OsError, TheTextNamesTheThingAndTheReason) {
  const Error error = os_failure("write of /x", ENOSPC).value();
  EXPECT_EQ(error.text, "write of /x: No space left on device");
  EXPECT_EQ(error.os_error, ENOSPC);
}

}  // namespace
}  // namespace gregor::runtime

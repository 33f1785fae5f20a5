#include "quorum/death_signs.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace gregor::quorum {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kNow{};

DeathSigns once_connected() {
  DeathSigns signs(100ms);
  signs.connected();
  signs.ended();
  return signs;
}

TEST(DeathSigns, APortThatRefusesForAWholeProbeSaysThatItsProcessIsGone) {
  DeathSigns signs = once_connected();
  EXPECT_FALSE(signs.is_gone()) << "a connection that ended is no death";
  signs.refused(kNow);
  signs.refused(kNow + 50ms);
  EXPECT_FALSE(signs.is_gone());
  EXPECT_TRUE(signs.wants_dial());
  EXPECT_LE(signs.pause(), 50ms);
  signs.refused(kNow + 100ms);
  EXPECT_TRUE(signs.is_gone());
  EXPECT_FALSE(signs.wants_dial());
}

TEST(DeathSigns, FewRefusalsOrAShortTimeDoNot) {
  DeathSigns few = once_connected();
  few.refused(kNow);
  few.refused(kNow + 1h);
  EXPECT_FALSE(few.is_gone());
  DeathSigns quick = once_connected();
  for (int i = 0; i < 50; ++i) quick.refused(kNow + i * 1ms);
  EXPECT_FALSE(quick.is_gone());
}

TEST(DeathSigns, AnAddressThatNeverAnsweredProvesNothing) {
  DeathSigns signs(100ms);
  for (int i = 0; i < 50; ++i) signs.refused(kNow + i * 50ms);
  EXPECT_FALSE(signs.is_gone());
  EXPECT_FALSE(signs.has_ended_unheard());
}

TEST(DeathSigns, AnythingElseThanARefusalBeginsTheCountAnew) {
  const auto after = [](void (DeathSigns::*happens)()) {
    DeathSigns signs = once_connected();
    signs.refused(kNow);
    signs.refused(kNow + 60ms);
    (signs.*happens)();
    signs.refused(kNow + 120ms);
    signs.refused(kNow + 180ms);
    return signs.is_gone();
  };
  EXPECT_FALSE(after(&DeathSigns::unclear)) << "a dial that timed out: a cut link";
  EXPECT_FALSE(after(&DeathSigns::connected));
  EXPECT_FALSE(after(&DeathSigns::heard));
}

TEST(DeathSigns, WhoIsHeardOfAgainHasNotEnded) {
  DeathSigns signs = once_connected();
  EXPECT_TRUE(signs.has_ended_unheard());
  signs.heard();
  EXPECT_FALSE(signs.has_ended_unheard());
}

TEST(DeathSigns, WithoutAProbeNobodyIsEverGone) {
  DeathSigns signs(0ms);
  signs.connected();
  signs.ended();
  for (int i = 0; i < 50; ++i) signs.refused(kNow + i * 1s);
  EXPECT_FALSE(signs.is_gone());
  EXPECT_FALSE(signs.wants_dial());
}

TEST(DeathSigns, ARefusalIsTheMachinesWordAndNothingElse) {
  EXPECT_TRUE(is_refusal({Errc::closed, "refused", ECONNREFUSED}));
  EXPECT_FALSE(is_refusal({Errc::closed, "the peer ended the stream", 0}));
  EXPECT_FALSE(is_refusal({Errc::closed, "reset", ECONNRESET}));
  EXPECT_FALSE(is_refusal({Errc::timed_out, "no answer", ETIMEDOUT}));
}

}  // namespace
}  // namespace gregor::quorum

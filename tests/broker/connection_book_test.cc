// Who may connect: counts of addresses, turns at a rate, and that nothing is remembered for ever.
#include "broker/connection_book.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace gregor::broker {
namespace {

constexpr MonotonicTime at(std::int64_t milliseconds) {
  return MonotonicTime(Milliseconds(milliseconds));
}

TEST(RateGate, ASecondsWorthPassesAtOnceAndTheRestInTurn) {
  RateGate gate;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(gate.take(4, at(0), Milliseconds(1'000)), Nanoseconds(0)) << i;
  EXPECT_EQ(gate.take(4, at(0), Milliseconds(1'000)), Milliseconds(250));
  EXPECT_EQ(gate.take(4, at(0), Milliseconds(1'000)), Milliseconds(500));
  EXPECT_EQ(gate.take(4, at(600), Milliseconds(1'000)), Milliseconds(150));
  EXPECT_FALSE(gate.is_idle(at(1'000)));
  EXPECT_TRUE(gate.is_idle(at(2'000)));
}

TEST(RateGate, ATurnThatIsTooLateIsNotTaken) {
  RateGate gate;
  EXPECT_EQ(gate.take(1, at(0), Nanoseconds(0)), Nanoseconds(0));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(gate.take(1, at(0), Nanoseconds(0)), Milliseconds(1'000)) << i;
  EXPECT_EQ(gate.take(1, at(1'000), Nanoseconds(0)), Nanoseconds(0));
}

TEST(ConnectionBook, CountsByAddressUntilTheyLeave) {
  ConnectionBook book;
  const ConnectionLimits two{.per_address = 2};
  EXPECT_EQ(book.enter("a", two, at(0)).refusal, "");
  EXPECT_EQ(book.enter("a", two, at(0)).refusal, "");
  EXPECT_NE(book.enter("a", two, at(0)).refusal, "");
  EXPECT_EQ(book.enter("b", two, at(0)).refusal, "") << "another address";
  book.leave("a", at(0));  // the one that was refused
  book.leave("a", at(0));
  EXPECT_EQ(book.enter("a", two, at(0)).refusal, "");
}

TEST(ConnectionBook, TheNodesRateMakesWaitAndRefusesWhoWouldWaitTooLong) {
  ConnectionBook book;
  const ConnectionLimits slow{.per_second = 1};
  EXPECT_EQ(book.enter("a", slow, at(0)).wait, Nanoseconds(0));
  for (int i = 1; i <= 10; ++i) {
    const Admission admission = book.enter("b" + std::to_string(i), slow, at(0));
    EXPECT_EQ(admission.refusal, "");
    EXPECT_EQ(admission.wait, std::chrono::seconds(i));
  }
  EXPECT_NE(book.enter("c", slow, at(0)).refusal, "");
  EXPECT_NE(book.enter("c", {.per_second = 0}, at(0)).refusal, "") << "nobody";
}

TEST(ConnectionBook, AnAddressAboveItsRateIsRefusedAndOthersAreNot) {
  ConnectionBook book;
  const ConnectionLimits one{.per_second_of_address = 1};
  EXPECT_EQ(book.enter("a", one, at(0)).refusal, "");
  book.leave("a", at(0));
  EXPECT_NE(book.enter("a", one, at(0)).refusal, "") << "it counts though the first is gone";
  EXPECT_EQ(book.enter("b", one, at(0)).refusal, "");
  book.leave("a", at(0));
  EXPECT_EQ(book.enter("a", one, at(1'000)).refusal, "");
}

TEST(ConnectionBook, ForgetsAddressesThatAreGone) {
  ConnectionBook book;
  RandomStream random(7);
  for (int i = 0; i < 10'000; ++i) {
    const std::string address = std::to_string(random.below(5'000));
    book.enter(address, {.per_second_of_address = 1}, at(i));
    book.leave(address, at(i));
  }
  book.enter("last", {}, at(100'000));
  EXPECT_EQ(book.size(), 1U);
}

}  // namespace
}  // namespace gregor::broker

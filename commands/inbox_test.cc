#include "commands/inbox.h"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

Steady::time_point Now() { return Steady::now(); }
Steady::time_point Later() { return Steady::now() + 60s; }  // No test waits this long.

TEST(Inbox, GivesOutEverythingInOrder) {
  Inbox<int> inbox(4);
  EXPECT_TRUE(inbox.TryPush(1));
  EXPECT_TRUE(inbox.TryPush(2));
  EXPECT_EQ(inbox.TakeAll(Later()), (std::vector<int>{1, 2}));
  EXPECT_TRUE(inbox.TakeAll(Now()).empty());
}

TEST(Inbox, RefusesWhatIsMoreThanItHoldsUntilItIsEmptied) {
  Inbox<int> inbox(2);
  EXPECT_TRUE(inbox.TryPush(1));
  EXPECT_TRUE(inbox.TryPush(2));
  EXPECT_FALSE(inbox.TryPush(3));
  EXPECT_EQ(inbox.TakeAll(Later()), (std::vector<int>{1, 2}));
  EXPECT_TRUE(inbox.TryPush(3));
}

TEST(Inbox, TakesMessagesThatCannotBeCopied) {
  Inbox<std::unique_ptr<int>> inbox(1);
  EXPECT_TRUE(inbox.TryPush(std::make_unique<int>(7)));
  EXPECT_EQ(*inbox.TakeAll(Later()).front(), 7);
}

TEST(Inbox, DoesNotWaitForAPastDeadline) {
  Inbox<int> inbox(1);
  EXPECT_TRUE(inbox.TakeAll(Steady::time_point::min()).empty());
}

TEST(Inbox, AWakeEndsOneWaitEvenIfItCameBefore) {
  Inbox<int> inbox(1);
  inbox.Wake();
  EXPECT_TRUE(inbox.TakeAll(Later()).empty());
  std::jthread waker([&] { inbox.Wake(); });
  EXPECT_TRUE(inbox.TakeAll(Later()).empty());
}

TEST(Inbox, AMessageEndsTheWait) {
  Inbox<int> inbox(1);
  std::jthread sender([&] { EXPECT_TRUE(inbox.TryPush(5)); });
  EXPECT_EQ(inbox.TakeAll(Later()), std::vector<int>{5});
}

TEST(Inbox, LosesNothingOfManySenders) {
  constexpr int kSenders = 4;
  constexpr int kEach = 2000;
  Inbox<int> inbox(16);
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&, sender] {
      for (int i = 0; i < kEach; ++i) {
        while (!inbox.TryPush(sender * kEach + i)) std::this_thread::yield();
      }
    });
  }
  std::vector<int> last(kSenders, -1);
  for (int taken = 0; taken < kSenders * kEach;) {
    for (const int message : inbox.TakeAll(Later())) {
      const auto sender = static_cast<std::size_t>(message / kEach);
      EXPECT_EQ(message % kEach, last[sender] + 1) << "of sender " << sender;
      last[sender] = message % kEach;
      ++taken;
    }
  }
}

}  // namespace
}  // namespace epu

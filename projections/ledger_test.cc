#include "projections/ledger.h"

#include <functional>

#include <gtest/gtest.h>

namespace epu {
namespace {

constexpr EpuNumber kPool{3};
constexpr SiteNumber kSite{2};

// The events of a story, in order.
class Story {
 public:
  Story& Starts(std::string log_id) { return Add(ServerStarted{std::move(log_id), 7, "", 1, ""}); }
  Story& Requests(std::uint32_t worker) {
    return Add(WorkerRequested{kPool, WorkerNumber{worker}, kSite, {7, worker}, "", 1});
  }
  Story& Becomes(std::uint32_t worker, WorkerState to, std::string machine = "") {
    return Add(WorkerChanged{kPool, WorkerNumber{worker}, {}, to, {}, "", std::move(machine)});
  }
  Story& Machine(std::uint32_t worker, Presence to) {
    return Add(MachineChanged{kPool, WorkerNumber{worker}, to, ""});
  }

  const Ledger& ledger() const { return ledger_; }

 private:
  Story& Add(Payload payload) {
    Event event;
    event.sequence = ++sequence_;
    event.payload = std::move(payload);
    Evolve(ledger_, event);
    return *this;
  }

  Sequence sequence_ = 0;
  Ledger ledger_;
};

TEST(Ledger, OpensWithTheFirstCallAndClosesWithTheObservedEnd) {
  Story story;
  story.Starts("k3f9").Requests(1);
  EXPECT_EQ(CountOpen(story.ledger()), 0u);
  story.Becomes(1, WorkerState::kPending);
  EXPECT_EQ(CountOpen(story.ledger()), 1u);
  story.Becomes(1, WorkerState::kStarted, "pid 7").Becomes(1, WorkerState::kRunning);
  const LedgerEntry& entry = story.ledger().entries.at({kPool, WorkerNumber{1}});
  EXPECT_EQ(entry.machine, "pid 7");
  EXPECT_EQ(entry.request, 2u);
  EXPECT_EQ(entry.opened, 3u);
  EXPECT_EQ(entry.state, WorkerState::kRunning);
  story.Becomes(1, WorkerState::kTerminating).Becomes(1, WorkerState::kTerminated);
  EXPECT_EQ(CountOpen(story.ledger()), 1u);  // Nobody has seen it gone.
  story.Machine(1, Presence::kGone);
  EXPECT_EQ(CountOpen(story.ledger()), 0u);
  EXPECT_EQ(story.ledger().opened, 1u);
  EXPECT_EQ(story.ledger().closed, 1u);
  EXPECT_TRUE(story.ledger().entries.empty());
}

TEST(Ledger, CountsEachMachineOnce) {
  const struct {
    std::string what;
    std::function<void(Story&)> happens;
    std::uint64_t opened, open;
  } cases[] = {
      {"asked twice",
       [](Story& s) { s.Becomes(1, WorkerState::kPending).Becomes(1, WorkerState::kStarted); }, 1,
       1},
      {"never asked", [](Story& s) { s.Becomes(1, WorkerState::kRejected); }, 0, 0},
      {"ended before it was asked",
       [](Story& s) {
         s.Becomes(1, WorkerState::kTerminating).Becomes(1, WorkerState::kTerminated);
       },
       0, 0},
      {"unlisted is not gone",
       [](Story& s) { s.Becomes(1, WorkerState::kPending).Machine(1, Presence::kUnlisted); }, 1, 1},
      {"failed, then gone",
       [](Story& s) {
         s.Becomes(1, WorkerState::kPending)
             .Becomes(1, WorkerState::kFailed)
             .Machine(1, Presence::kGone);
       },
       1, 0},
      {"gone twice",
       [](Story& s) {
         s.Becomes(1, WorkerState::kPending)
             .Machine(1, Presence::kGone)
             .Machine(1, Presence::kGone);
       },
       1, 0},
      {"the same server again",
       [](Story& s) { s.Becomes(1, WorkerState::kPending).Starts("k3f9"); }, 1, 1},
  };
  for (const auto& [what, happens, opened, open] : cases) {
    Story story;
    story.Starts("k3f9").Requests(1);
    happens(story);
    EXPECT_EQ(story.ledger().opened, opened) << what;
    EXPECT_EQ(CountOpen(story.ledger()), open) << what;
  }
}

TEST(Ledger, ACopyUnderAnotherIdOwnsNoMachine) {
  Story story;
  story.Starts("k3f9").Requests(1).Becomes(1, WorkerState::kPending).Starts("x1y2");
  EXPECT_EQ(CountOpen(story.ledger()), 0u);
  EXPECT_EQ(story.ledger().disowned, 1u);
  story.Becomes(1, WorkerState::kStarted).Machine(1, Presence::kGone);  // Nothing of ours.
  EXPECT_EQ(CountOpen(story.ledger()), 0u);
}

}  // namespace
}  // namespace epu

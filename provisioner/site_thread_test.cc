#include "provisioner/site_thread.h"

#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include "provisioner/fake_site.h"

namespace epu {
namespace {

using std::chrono::seconds;

// Counts, and lets a test wait for a number.
class Counter {
 public:
  void Add() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool Reaches(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, seconds(60), [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

// A site with its own log and clock, so that two of them share nothing but the test.
struct SomeSite {
  FakeClock clock;
  FakeServer server{clock};
  FakeDriver driver;
  Provisioner provisioner{FakeServer::kSite, driver, server.log, clock, server.Sink()};
  Counter passes;
  PassObserver Observer() {
    return [this](const absl::Status&, const Provisioner&) { passes.Add(); };
  }
};

TEST(SiteThread, PassesAtOnceWhenPokedAndWithoutAPoke) {
  SomeSite site;
  SiteThread thread(site.provisioner, site.Observer());
  EXPECT_TRUE(site.passes.Reaches(1));
  thread.Poke();
  EXPECT_TRUE(site.passes.Reaches(2));
  EXPECT_TRUE(site.passes.Reaches(3));
}

TEST(SiteThread, ASiteThatHangsDelaysNoOther) {
  SomeSite hanging;
  SomeSite healthy;
  Counter hung;
  Counter release;
  hanging.driver.before_list = [&] {
    hung.Add();
    release.Reaches(1);
  };
  healthy.server.Request();
  SiteThread hanging_thread(hanging.provisioner, hanging.Observer());
  EXPECT_TRUE(hung.Reaches(1));
  SiteThread healthy_thread(healthy.provisioner, healthy.Observer());
  EXPECT_TRUE(healthy.passes.Reaches(3));
  EXPECT_EQ(hanging.passes.count(), 0);
  healthy_thread.Stop();
  EXPECT_EQ(healthy.driver.launched.size(), 1u);
  release.Add();
}

TEST(SiteThread, StopsAndEndsNoWorker) {
  SomeSite site;
  site.server.Request();
  SiteThread thread(site.provisioner, site.Observer());
  EXPECT_TRUE(site.passes.Reaches(3));
  thread.Stop();
  thread.Stop();
  const int passes = site.passes.count();
  thread.Poke();
  EXPECT_EQ(site.passes.count(), passes);
  EXPECT_TRUE(site.driver.terminated.empty());
  EXPECT_EQ(site.driver.machines.size(), 1u);
}

TEST(SiteThread, LeavesAFailingSiteInPeaceForLongerAndLonger) {
  EXPECT_EQ(PauseAfter(0, true), seconds(1));
  EXPECT_EQ(PauseAfter(0, false), seconds(2));
  EXPECT_EQ(PauseAfter(1, true), seconds(1));
  EXPECT_EQ(PauseAfter(2, false), seconds(2));
  EXPECT_EQ(PauseAfter(3, false), seconds(4));
  EXPECT_EQ(PauseAfter(5, false), seconds(16));
  EXPECT_EQ(PauseAfter(6, false), seconds(30));
  EXPECT_EQ(PauseAfter(1'000'000, true), seconds(30));
}

}  // namespace
}  // namespace epu

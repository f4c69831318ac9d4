#include "cli/pause_view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/describe.h"
#include "cli/status_json.h"
#include "cli/status_view.h"
#include "cli/why.h"
#include "cli/world_for_tests.h"

// What operators see of a pause: in status, in why, in history, in JSON.

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view kWeb = R"(version: 1
sites: {local: {driver: process, max_workers: 16}}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 2}
    worker: {site: local, command: [/bin/w]}
)";

// "web" has its two workers; 2024-10-04 00:00 is the beginning of the world's time.
struct Watched {
  Watched() : names(world.log()) {
    world.Apply(kWeb);
    world.RunAll();
    world.Pass(minutes(10));
  }
  const Epu& web() const { return *FindEpu(world.view().state, "web"); }
  StatusFacts facts() {
    return {"default", world.view().state, world.now(), nullptr, names, Zone::kUtc};
  }
  std::string Status() { return FormatEpuStatus(facts(), web(), Terminal{}); }
  std::string Why() {
    const Position position{world.view().state.head, world.now()};
    return FormatTree(
        ExplainWhy(world.log(), &FromStart, EpuName{"web"}, position, names, Zone::kUtc).value());
  }
  std::string Told(Sequence sequence) {
    return Describe(*ReadEvent(world.log(), sequence), names, Zone::kUtc);
  }
  void Resize(std::int64_t size) { world.Do(Reconfigure{"web", {{"preserve_n", size}}}); }

  World world;
  Names names;
};

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(PauseView, ShowsWhoHoldsWhichWayAndUntilWhen) {
  Watched watched;
  EXPECT_EQ(PauseWord(watched.web(), watched.world.now()), "");
  watched.world.Do(PauseScaling{"web", true, false, Duration(hours(2))}, "moving the database");
  EXPECT_EQ(PauseWord(watched.web(), watched.world.now()), "paused out");
  const std::string line =
      fmt::format("{}  00:10:00 by ops: holds growing until 02:10:00  \"moving the database\"",
                  watched.web().paused_out->event);
  EXPECT_TRUE(Has(watched.Status(), "web  npreserving  STABLE, paused out  2 running"))
      << watched.Status();
  EXPECT_TRUE(Has(watched.Status(), "paused  " + line + "\n")) << watched.Status();
  EXPECT_TRUE(Has(watched.Why(), "└─ paused   " + line + "\n")) << watched.Why();
  EXPECT_TRUE(Has(FormatStatus(watched.facts(), Terminal{}), "  STABLE, paused out  2/2  "));
  EXPECT_EQ(FindTroubles(watched.facts()).back(), "scaling of web is paused");
}

TEST(PauseView, ShowsTheDecisionThatItHoldsAndWhatWasWanted) {
  Watched watched;
  watched.world.Do(PauseScaling{"web", true, true, {}});
  const Sequence pause = watched.web().paused_out->event;
  watched.Resize(4);
  const Sequence held = watched.web().paused_out->decision;
  ASSERT_NE(held, 0u);
  EXPECT_EQ(watched.Told(held),
            "npreserving +0 (2 → 2): preserve_n 4; 4 wanted, scaling is paused at 2");
  EXPECT_TRUE(
      Has(watched.Status(),
          fmt::format("paused  {}  00:10:00 by ops: holds growing and shrinking, {} first\n", pause,
                      held)))
      << watched.Status();
  const std::string why = watched.Why();
  EXPECT_TRUE(Has(why, "decided by npreserving 1: launch none (2 → 2)")) << why;
  EXPECT_TRUE(Has(why, "and      4 wanted, scaling is paused at 2")) << why;
  EXPECT_TRUE(Has(why, "enabled; paused\n")) << why;
  // The last change is still the one before.
  EXPECT_TRUE(Has(FormatStatus(watched.facts(), Terminal{}), "10m ago  +2: preserve_n 2"))
      << FormatStatus(watched.facts(), Terminal{});
}

TEST(PauseView, ShowsNothingOnceItHasLetGo) {
  Watched watched;
  watched.world.Do(PauseScaling{"web", true, true, Duration(hours(2))});
  watched.world.Pass(hours(2));
  EXPECT_EQ(PauseWord(watched.web(), watched.world.now()), "");
  EXPECT_FALSE(Has(watched.Status(), "paused")) << watched.Status();
  EXPECT_FALSE(Has(watched.Why(), "paused")) << watched.Why();
  EXPECT_TRUE(PausesJson(watched.web(), watched.world.now(), watched.names).is_null());
}

TEST(PauseView, TellsItInHistory) {
  Watched watched;
  watched.world.Do(PauseScaling{"web", true, true, {}}, "why");
  watched.world.Do(PauseScaling{"web", false, true, Duration(hours(2))});
  watched.world.Do(ResumeScaling{"web", true, true});
  const Sequence head = watched.world.view().state.head;
  EXPECT_EQ(watched.Told(head - 2), "web does not grow or shrink  \"why\"");
  EXPECT_EQ(watched.Told(head - 1), "web does not shrink until 2024-10-04 02:10:00Z");
  EXPECT_EQ(watched.Told(head), "web may grow or shrink again");
  const auto json = [&](Sequence sequence) {
    const Json whole = EventJson(*ReadEvent(watched.world.log(), sequence), watched.names);
    return ToLine({whole["kind"], whole["out"], whole["in"], whole.value("until", Json())});
  };
  EXPECT_EQ(json(head - 2), R"(["pause",true,true,null])");
  EXPECT_EQ(json(head - 1), R"(["pause",false,true,"2024-10-04T02:10:00.000000Z"])");
  EXPECT_EQ(json(head), R"(["resume",true,true,null])");
}

TEST(PauseView, GivesEachDirectionAsJson) {
  Watched watched;
  watched.world.Do(PauseScaling{"web", false, true, Duration(hours(2))}, "why");
  const Json status = StatusJson(watched.facts());
  EXPECT_EQ(ToLine(status["epus"][0]["paused"]),
            fmt::format(R"({{"out":null,"in":{{"sequence":{},)"
                        R"("since":"2024-10-04T00:10:00.000000Z",)"
                        R"("until":"2024-10-04T02:10:00.000000Z","actor":"ops","note":"why",)"
                        R"("decision":null}}}})",
                        watched.web().paused_in->event));
}

TEST(PauseView, TellsTwoPausesApart) {
  Watched watched;
  watched.world.Do(PauseScaling{"web", true, false, {}});
  watched.world.Do(PauseScaling{"web", true, true, {}});
  EXPECT_EQ(PauseWord(watched.web(), watched.world.now()), "paused");
  const std::vector<PauseFacts> pauses =
      FindPauses(watched.web(), watched.world.now(), watched.names);
  ASSERT_EQ(pauses.size(), 2u);
  EXPECT_TRUE(pauses[0].out && !pauses[0].in);
  EXPECT_TRUE(!pauses[1].out && pauses[1].in);
}

}  // namespace
}  // namespace epu

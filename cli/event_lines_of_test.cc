#include "cli/event_lines_of.h"

#include <gtest/gtest.h>

#include "cli/world_for_tests.h"
#include "eventlog/read_events.h"
#include "projections/evolve.h"
#include "projections/projection.h"

namespace epu {
namespace {

constexpr const char* kWeb = R"(version: 1
sites: {local: {driver: process, max_workers: 9}}
epus:
  web:
    engine: npreserving
    config: {preserve_n: 1}
    worker: {site: local, command: [/bin/web]}
)";

// "source name extra" of every line that the log makes behind `after`, where `lines` began.
std::vector<std::string> SaidBehind(const World& world, Sequence after) {
  Projection<State> known;
  EXPECT_TRUE(CatchUp(world.log(), known, after).ok());
  EventLines lines;
  if (after > 0) lines.Begin(known.state);
  std::vector<std::string> said;
  const auto read = ReadEvents(world.log(), after, ~Sequence{0}, EveryEvent(),
                               [&](const Event& event, RecordView) {
                                 Evolve(known.state, event);
                                 for (const EventLine& line : lines.Of(known.state, event)) {
                                   said.push_back(line.source + " " + line.name + " " + line.extra);
                                 }
                                 return true;
                               });
  EXPECT_TRUE(read.ok());
  return said;
}

TEST(EventLinesOf, TellsWhatAWorkerComesTo) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  world.Do(Reconfigure{"web", {{"preserve_n", std::int64_t{0}}}});
  world.EndAll();
  const std::string node =
      R"({"iaas_id":"pid 7","node_id":"web/1","public_ip":"127.0.0.1","private_ip":"127.0.0.1"})";
  EXPECT_EQ(SaidBehind(world, 0),
            (std::vector<std::string>{
                R"(web de_state {"state":"PENDING"})", "provisioner new_node " + node,
                "provisioner node_started " + node, R"(web de_state {"state":"STABLE"})",
                R"(web de_state {"state":"PENDING"})", R"(web de_state {"state":"STABLE"})",
                R"(provisioner node_terminated {"iaas_id":"pid 7","node_id":"web/1"})"}));
}

TEST(EventLinesOf, WhereItBeginsLateItKnowsTheMachinesThatThereAre) {
  World world;
  world.Apply(kWeb);
  world.RunAll();
  const Sequence after = world.view().state.head;
  world.Do(KillSome{"web", 1});
  world.EndAll();
  EXPECT_EQ(SaidBehind(world, after),
            (std::vector<std::string>{
                R"(web de_state {"state":"PENDING"})",
                R"(provisioner node_terminated {"iaas_id":"pid 7","node_id":"web/1"})"}));
}

TEST(EventLinesOf, AWorkerThatNeverHadAMachineEndsWithoutOne) {
  World world;
  world.Apply(kWeb);
  world.FailFirst("web");
  const std::vector<std::string> said = SaidBehind(world, 0);
  EXPECT_NE(std::find(said.begin(), said.end(),
                      R"(provisioner node_terminated {"iaas_id":"","node_id":"web/1"})"),
            said.end());
}

TEST(EventLinesOf, AKeyIsThePlaceOfItsEvent) {
  const struct {
    std::string key;
    std::optional<EventPlace> place;
  } cases[] = {
      {"k3f9-5d1e-18181", EventPlace{"k3f9", 0x5d1e, 18181}},
      {"k3f9-5d1e-18181-de_state", EventPlace{"k3f9", 0x5d1e, 18181}},
      {"k3f9-5d1e-18181-de_state-web", EventPlace{"k3f9", 0x5d1e, 18181}},
      {"k3f9-18181", EventPlace{"k3f9", std::nullopt, 18181}},
      {"k3f9", std::nullopt},
      {"", std::nullopt},
      {"k3f9-x", std::nullopt},
      {"a-b-c-d", std::nullopt},
  };
  for (const auto& given : cases) EXPECT_EQ(PlaceOfKey(given.key), given.place) << given.key;
}

}  // namespace
}  // namespace epu

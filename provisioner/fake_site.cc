#include "provisioner/fake_site.h"

#include <utility>

#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "eventlog/overloaded.h"

namespace epu {

absl::StatusOr<Machine> FakeDriver::Launch(const Token& token, const LaunchSpec&) {
  launched.push_back(token);
  if (!launch_answer.ok()) return launch_answer;
  const Machine machine{"pid " + std::to_string(token.launch.request), token,
                        MachineCondition::kRunning};
  machines.emplace(token, machine);
  after_launch();
  return machine;
}

absl::Status FakeDriver::Terminate(const Machine& machine, Duration) {
  terminated.push_back(machine.token);
  if (!terminate_answer.ok()) return terminate_answer;
  machines.erase(machine.token);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Machine>> FakeDriver::List() {
  before_list();
  if (!list_answer.ok()) return list_answer;
  std::vector<Machine> listed;
  for (const auto& [token, machine] : machines) listed.push_back(machine);
  return listed;
}

FakeServer::FakeServer(FakeClock& clock) : clock_(clock) {
  Start(0x5d1e);
  SiteDefinition site;
  site.name = "local";
  site.driver = "fake";
  Record(SiteDefined{kSite, site});
  EpuDefinition epu;
  epu.name = "crunch";
  epu.worker.site = kSite;
  epu.worker.command = {"/bin/worker"};
  epu.worker.stop_grace = std::chrono::seconds(1);
  epu.health.boot_timeout = std::chrono::seconds(300);
  Record(EpuDefined{kEpu, epu});
}

void FakeServer::Start(std::uint32_t epoch) {
  epoch_ = epoch;
  Record(ServerStarted{"k3f9", epoch, "host", 1, "/log"});
}

WorkerId FakeServer::Request() {
  const WorkerId id{kEpu, WorkerNumber{++requests_}};
  Record(WorkerRequested{id.epu, id.number, kSite, LaunchId{epoch_, requests_}, "", 3});
  return id;
}

void FakeServer::Record(Payload payload) {
  Event event;
  event.sequence = *log.Head() + 1;
  event.time = clock_.Now();
  event.payload = std::move(payload);
  const epu::Record record = Encode(event);
  CHECK(log.Append(event.sequence - 1, {&record, 1}, Reserve::kKeep).ok());
}

void FakeServer::Take(const std::vector<Order>& taken) {
  for (const Order& order : taken) {
    orders.push_back(order);
    const State state = Fold();
    std::visit(Overloaded{
                   [&](const ReportWorker& report) {
                     const Worker* worker = FindWorker(state, report.worker);
                     if (worker == nullptr || worker->state >= report.to) return;
                     Record(WorkerChanged{report.worker.epu, report.worker.number, worker->state,
                                          report.to, report.reason, report.detail, report.machine});
                   },
                   [&](const ReportMachine& report) {
                     const Worker* worker = FindWorker(state, report.worker);
                     if (worker == nullptr || worker->presence == report.to) return;
                     Record(MachineChanged{report.worker.epu, report.worker.number, report.to,
                                           report.machine});
                   },
                   [&](const ReportSite& report) {
                     const Site& site = state.sites.at(report.site);
                     if (site.answering == report.answering && site.error == report.error) return;
                     Record(SiteAnswered{report.site, report.answering, report.error});
                   },
                   [&](const ReportStranger& report) {
                     if (state.strangers.contains(report.launch) == report.listed) return;
                     Record(StrangerChanged{
                         report.site, report.launch, report.machine,
                         report.listed ? StrangerFate::kUndecided : StrangerFate::kGone});
                   },
                   [](const auto&) { CHECK(!"a report of a site"); },
               },
               order);
  }
}

ReportSink FakeServer::Sink() {
  return [this](std::vector<Order> taken) { Take(taken); };
}

State FakeServer::Fold() const {
  Projection<State> projection;
  CHECK(CatchUp(log, projection).ok());
  return std::move(projection.state);
}

const Worker* FakeServer::Find(WorkerId id) {
  found_in_ = Fold();
  return FindWorker(found_in_, id);
}

}  // namespace epu

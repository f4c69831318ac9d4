#include "cli/server.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "cli/event_lines_keeper.h"
#include "cli/shadow_keeper.h"
#include "cli/snapshot_files.h"
#include "cli/snapshot_keeper.h"
#include "projections/pool.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

// How often the writer looks at what time has made due where nothing else wakes it: pulses, health
// windows, back-offs.
constexpr auto kTick = std::chrono::milliseconds(250);
// How often what state queries and agents are answered with is made anew.
constexpr auto kPublishEvery = std::chrono::milliseconds(100);
constexpr Duration kSensorTick = std::chrono::milliseconds(250);
constexpr Duration kSensorPause =
    std::chrono::milliseconds(10);  // Between rounds, when programs are due and busy.

Submission OwnSubmission(Order order) {
  return {{{}, std::nullopt, "", std::move(order)}, std::nullopt};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Open(const ServerOptions& options) {
  absl::StatusOr<std::unique_ptr<OwnedRun>> run = OwnedRun::Open(
      {options.run, options.run_directory, options.log_directory, options.succession});
  if (!run.ok()) return run.status();
  std::optional<EndpointLock> provisioner;
  if (options.role == Role::kAll) {
    absl::StatusOr<EndpointLock> taken =
        EndpointLock::TakeProvisioner(options.run_directory, options.run, (*run)->Self());
    if (!taken.ok()) return taken.status();
    provisioner.emplace(*std::move(taken));
  }
  std::unique_ptr<Server> server(new Server(options, *std::move(run)));
  if (provisioner) server->provisioner_lock_.emplace(*std::move(provisioner));
  if (absl::Status status = server->Begin(); !status.ok()) return status;
  server->EnsureSigningKey();
  return server;
}

Server::Server(const ServerOptions& options, std::unique_ptr<OwnedRun> run)
    : options_(options),
      journal_(options.level),
      run_(std::move(run)),
      log_(run_->log()),
      clock_(run_->clock()),
      catalog_(run_->catalog()),
      writer_(run_->writer()),
      signing_keys_(options_.run_directory + "/keys"),
      site_surroundings_{options_.run,
                         options_.run_directory,
                         options_.agent_path,
                         endpoint(),
                         log_,
                         clock_,
                         journal_,
                         [this](std::vector<Order> reports) { TakeReports(std::move(reports)); }} {}

Server::~Server() = default;

std::string Server::endpoint() const { return EndpointOf(options_.run_directory); }

std::size_t Server::workers() const {
  std::size_t workers = 0;
  for (const auto& [number, epu] : writer_.state().epus) workers += CountValid(epu);
  return workers;
}

absl::Status Server::Begin() {
  if (absl::Status begun = run_->Begin(); !begun.ok()) return begun;
  Publish();
  absl::StatusOr<std::unique_ptr<Gateway>> gateway =
      Gateway::Open(run_->lock(), commands_, reports_,
                    {[this](const ReadQuery& query) { return ReadLog(log_, query); },
                     [this] { return AnswerState(); },
                     [this](WorkerId worker) { return AnswerHeartbeat(worker); }});
  if (!gateway.ok()) return gateway.status();
  gateway_ = *std::move(gateway);
  return absl::OkStatus();
}

// The key is made with the log. Without one the run is served all the same: it is missed where
// something is to be signed.
void Server::EnsureSigningKey() const {
  const std::string log_id = writer_.state().log_id;
  if (signing_keys_.Has(log_id)) return;
  const absl::StatusOr<SigningKey> made = signing_keys_.Make(log_id);
  if (made.ok()) return;
  journal_.Write(Level::kWarn, fmt::format("no key to sign checkpoints with could be made: {}",
                                           std::string(made.status().message())));
}

absl::Status Server::Run(std::stop_token stop) {
  const std::stop_callback relay(stop, [this] { End(absl::OkStatus()); });
  const Projection<State> known{writer_.state(), writer_.state().head};
  const std::string log_id = writer_.state().log_id;
  std::jthread sensors([&] { RunSensors(ending_.get_token(), known); });
  std::jthread snapshots([&] {
    SnapshotKeeper(log_, SnapshotFiles(options_.log_directory), known)
        .Run(ending_.get_token(), journal_);
  });
  std::jthread shadows([&] {
    const auto report = [this](Order order) {
      if (!reports_.TryPush(Report(OwnSubmission(std::move(order))))) return;
      commands_.Wake();
    };
    ShadowKeeper(log_, catalog_, known, report).Run(ending_.get_token(), clock_, journal_);
  });
  std::jthread tree([&] {
    TreeKeeper(log_, log_.LogId(), log_id, TreeFile(options_.log_directory))
        .Run(ending_.get_token(), signing_keys_, options_.anchor, journal_);
  });
  std::jthread lines([&] {
    EventLinesKeeper(log_, SnapshotFiles(options_.log_directory),
                     options_.run_directory + "/events.log")
        .Run(ending_.get_token(), journal_);
  });
  std::jthread gateway([this] {
    if (absl::Status status = gateway_->Run(ending_.get_token()); !status.ok())
      End(std::move(status));
  });
  RunWriter();
  for (auto& [number, site] : sites_) site->Stop();
  gateway.join();
  sensors.join();
  snapshots.join();
  shadows.join();
  tree.join();
  lines.join();
  sites_.clear();
  const std::lock_guard lock(mutex_);
  return end_;
}

void Server::End(absl::Status status) {
  {
    const std::lock_guard lock(mutex_);
    if (end_.ok()) end_ = std::move(status);
  }
  ending_.request_stop();
  commands_.Wake();
}

// ---- The writer's thread ----

void Server::RunWriter() {
  while (!ending_.stop_requested()) {
    StartSites();
    ProcessBatch(TakeWaiting());
    if (!writer_.fault().ok()) End(writer_.fault());
  }
}

void Server::Waiting::Add(Submission&& submission) {
  commands.push_back(std::move(submission.command));
  replies.push_back(std::move(submission.reply));
}

// Reports first: what machines do is known before people's orders about them are decided.
Server::Waiting Server::TakeWaiting() {
  std::vector<Submission> orders = commands_.TakeAll(Steady::now() + kTick);
  Waiting waiting;
  waiting.commands.reserve(orders.size());
  waiting.replies.reserve(orders.size());
  for (Report& report : reports_.TakeAll(Steady::time_point::min())) {
    if (const Heartbeat* heartbeat = std::get_if<Heartbeat>(&report)) {
      writer_.Hear(*heartbeat);
    } else {
      waiting.Add(std::move(std::get<Submission>(report)));
    }
  }
  for (Submission& order : orders) waiting.Add(std::move(order));
  return waiting;
}

void Server::ProcessBatch(Waiting waiting) {
  NoteClockDifference(waiting);
  const Sequence before = writer_.state().head;
  std::vector<Answer> answers = writer_.Process(waiting.commands);
  std::vector<Delivery> deliveries;
  deliveries.reserve(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::optional<ReplyTo>& reply = waiting.replies[i];
    if (reply) deliveries.push_back({*std::move(reply), std::move(answers[i])});
  }
  const bool grew = writer_.state().head != before;
  if (!deliveries.empty()) {
    gateway_->Deliver(std::move(deliveries));
  } else if (grew) {
    gateway_->Poke();
  }
  if (Steady::now() - published_at_ >= kPublishEvery) Publish();
  if (!grew) return;
  if (!writer_.concerns_sites()) return;
  for (auto& [number, site] : sites_) site->Poke();
}

// A wall clock that stands off by more than a minute is recorded, and again when that changes by a
// minute.
void Server::NoteClockDifference(Waiting& waiting) {
  const Duration recorded = writer_.state().clock_difference;
  const Duration now = clock_.Difference();
  const bool off = std::chrono::abs(now) > kClockDifferenceMax;
  const bool changed = std::chrono::abs(now - recorded) > kClockDifferenceMax;
  if (off && changed) {
    waiting.Add(OwnSubmission(NoteClock{now}));
  } else if (!off && recorded != Duration::zero()) {
    waiting.Add(OwnSubmission(NoteClock{Duration::zero()}));
  }
}

void Server::Publish() {
  published_at_ = Steady::now();
  const State& state = writer_.state();
  ServerState published{state.head, clock_.Now(), state.log_id, state.epoch, {}};
  published.heard.reserve(writer_.liveness().size());
  for (const auto& [worker, heard] : writer_.liveness()) {
    published.heard.push_back({worker, published.time - heard.time});
  }
  std::set<WorkerId> draining;
  for (const auto& [number, epu] : state.epus) {
    for (const auto& [worker_number, worker] : epu.workers) {
      if (IsDraining(worker)) draining.insert({number, worker_number});
    }
  }
  const std::lock_guard lock(mutex_);
  published_ = std::move(published);
  draining_ = std::move(draining);
}

Noted Server::AnswerHeartbeat(WorkerId worker) const {
  const std::lock_guard lock(mutex_);
  return {draining_.contains(worker)};
}

absl::StatusOr<ServerState> Server::AnswerState() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

// Where the provisioner is a process of its own, the sites are its.
void Server::StartSites() {
  if (options_.role == Role::kControllers) return;
  const State& state = writer_.state();
  for (const auto& [number, site] : state.sites) {
    if (sites_.contains(number)) continue;
    sites_.emplace(number, std::make_unique<SiteRunner>(site_surroundings_, state, site));
  }
}

// What a site's thread found out; what has no room is found out again in its next pass.
void Server::TakeReports(std::vector<Order> reports) {
  for (Order& report : reports) {
    if (!reports_.TryPush(Report(OwnSubmission(std::move(report))))) break;
  }
  commands_.Wake();
}

// ---- The sensors' threads ----

namespace {

// One program under way.
struct ProgramRun {
  std::atomic<bool> done = false;
  std::jthread thread;
};

// Programs at once: more than that wait for their turn, which a machine full of hanging programs is
// thankful for.
constexpr std::size_t kProgramsMax = 64;

// What says which sensors there are; the rest is most of a log.
bool ConcernsSensors(std::size_t kind) {
  return IsKindOf<EpuDefined, EpuReconfigured, RemovalBegun, EpuRemoved>(kind);
}

bool IsProgram(const SensorDefinition& sensor) {
  return std::holds_alternative<ExecSource>(sensor.source);
}

}  // namespace

void Server::RunSensors(std::stop_token stop, Projection<State> known) {
  SampleTimes sampled;
  std::map<SensorNumber, ProgramRun> programs;
  while (!stop.stop_requested()) {
    if (const absl::Status status = CatchUp(log_, known, ~Sequence{0}, &ConcernsSensors);
        !status.ok()) {
      journal_.Write(Level::kError, fmt::format("sensors: {}", std::string(status.message())));
    }
    std::erase_if(programs, [](const auto& entry) { return entry.second.done.load(); });
    const Time now = clock_.Now();
    for (const DueSensor& due : DueSensors(known.state, sampled, now)) {
      const SensorNumber number = due.definition.number;
      if (!IsProgram(due.definition)) {
        ReportReading(due, stop);
      } else {
        if (programs.contains(number) || programs.size() >= kProgramsMax) continue;
        ProgramRun& run = programs[number];
        run.thread = std::jthread([this, due, stop, &run] {
          ReportReading(due, stop);
          run.done = true;
        });
      }
      sampled[number] = now;
    }
    const Duration wait = NextSensorTime(known.state, sampled, clock_.Now()) - clock_.Now();
    std::this_thread::sleep_for(std::clamp(wait, kSensorPause, kSensorTick));
  }
}

void Server::ReportReading(const DueSensor& sensor, const std::stop_token& stop) {
  Order reading = Sample(sensor.epu, sensor.definition, stop);
  if (stop.stop_requested()) return;
  if (reports_.TryPush(Report(OwnSubmission(std::move(reading))))) commands_.Wake();
}

}  // namespace epu

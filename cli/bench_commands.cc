#include "cli/bench_commands.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/bench_raw_log.h"
#include "cli/bench_raw_server.h"
#include "cli/bench_server.h"
#include "commands/wire.h"
#include "eventlog/codec.h"
#include "eventlog/lmdb_log.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kPools = 10;
constexpr int kClients = 8;

double MillisecondsSince(Steady::time_point begun) {
  return Milliseconds(Steady::now() - begun).count();
}

Command ReadingOf(CommandId id, int pool, double value) {
  return {id, std::nullopt, "",
          PutReading{fmt::format("pool-{}", pool), "queue", value, std::nullopt, {}, ""}};
}

// What one such command costs in bytes: what is stored of it, and what is said.
struct Bytes {
  std::string record;
  std::string request;
  std::string reply;
};

absl::StatusOr<Bytes> BytesOf(const LmdbLog& log, Sequence sequence) {
  Bytes bytes;
  const auto seen = log.Visit(sequence - 1, {1, 1 << 20}, [&](Sequence, RecordView record) {
    bytes.record.assign(reinterpret_cast<const char*>(record.data()), record.size_bytes());
    return false;
  });
  if (!seen.ok()) return seen.status();
  absl::StatusOr<std::string> request = EncodeRequest({1000, ReadingOf({1, 1000}, 0, 0)});
  if (!request.ok()) return request.status();
  bytes.request = *std::move(request);
  bytes.reply = EncodeReply({1000, Answer{absl::OkStatus(), sequence, sequence}});
  return bytes;
}

// A server with its pools, a client of it and its log.
struct Stage {
  std::unique_ptr<BenchServer> server;
  std::unique_ptr<GatewayClient> client;
  std::unique_ptr<LmdbLog> log;
  Bytes bytes;  // Of a reading.
};

absl::StatusOr<Stage> SetUp(const BenchSetting& setting, const std::string& run) {
  Stage stage;
  absl::StatusOr<std::unique_ptr<BenchServer>> server = BenchServer::Start(setting, run);
  if (!server.ok()) return server.status();
  stage.server = *std::move(server);
  absl::StatusOr<std::unique_ptr<GatewayClient>> client = ConnectTo(*stage.server);
  if (!client.ok()) return client.status();
  stage.client = *std::move(client);
  absl::Status declared = DeclarePools(*stage.client, kPools, BenchSensors::kPut, setting);
  if (!declared.ok()) return declared;
  auto log = LmdbLog::OpenToRead(stage.server->log_directory(), LmdbOptions{});
  if (!log.ok()) return log.status();
  stage.log = *std::move(log);
  const Answer answer =
      stage.client->Submit(ReadingOf(stage.client->NextId(), 0, 0), kBenchPatience);
  if (!answer.status.ok()) return answer.status;
  absl::StatusOr<Bytes> bytes = BytesOf(*stage.log, answer.first);
  if (!bytes.ok()) return bytes.status();
  stage.bytes = *std::move(bytes);
  return stage;
}

// ---- One client ----

absl::Status AskOurs(GatewayClient& client, int count, std::vector<double>& times) {
  for (int i = 0; i < count; ++i) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    const Command command = ReadingOf(client.NextId(), i % kPools, 0);
    const auto begun = Steady::now();
    const Answer answer = client.Submit(command, kBenchPatience);
    times.push_back(MillisecondsSince(begun));
    if (!answer.status.ok()) return answer.status;
  }
  return absl::OkStatus();
}

absl::Status AskRaw(RawClient& client, const Bytes& bytes, int count, std::vector<double>& times) {
  for (int i = 0; i < count; ++i) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    const auto begun = Steady::now();
    const absl::Status answer = client.Ask(bytes.request);
    times.push_back(MillisecondsSince(begun));
    if (!answer.ok()) return answer;
  }
  return absl::OkStatus();
}

// ---- Many in flight ----

// What the clients did together.
struct Flood {
  absl::Status fault;
  std::uint64_t commands = 0;
  double seconds = 0;
};

// Each client keeps `in_flight` commands under way for about `length`. Answers come in groups of a
// batch, so a call of SubmitAll carries several times what is under way at once, where more than 8
// are.
Flood FloodServer(std::vector<std::unique_ptr<GatewayClient>>& clients, std::size_t in_flight,
                  Seconds length) {
  std::vector<Flood> parts(clients.size());
  std::barrier start(static_cast<std::ptrdiff_t>(clients.size()) + 1);
  std::vector<std::thread> threads;
  const std::size_t commands_per_call = in_flight > 8 ? 8 * in_flight : in_flight;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      const auto end = Steady::now() + length;
      while (Steady::now() < end && !StopRequested()) {
        std::vector<Command> commands;
        for (std::size_t n = 0; n < commands_per_call; ++n) {
          commands.push_back(ReadingOf(clients[i]->NextId(), static_cast<int>(i), 0));
        }
        for (const Answer& answer : clients[i]->SubmitAll(commands, kBenchPatience)) {
          if (!answer.status.ok()) parts[i].fault = answer.status;
        }
        parts[i].commands += commands.size();
        if (!parts[i].fault.ok()) return;
      }
    });
  }
  start.arrive_and_wait();
  const auto begun = Steady::now();
  for (std::thread& thread : threads) thread.join();
  Flood all;
  all.seconds = Seconds(Steady::now() - begun).count();
  for (const Flood& part : parts) {
    all.fault.Update(part.fault);
    all.commands += part.commands;
  }
  return all;
}

// The mean batch behind `after`: events of one time were appended together.
absl::StatusOr<double> MeanBatch(const LmdbLog& log, Sequence after) {
  std::uint64_t events = 0;
  std::uint64_t batches = 0;
  Time last{};
  absl::Status fault;
  const auto seen =
      log.Visit(after, {~std::size_t{0}, ~std::size_t{0}}, [&](Sequence, RecordView record) {
        const absl::StatusOr<Head> head = DecodeHead(record);
        if (!head.ok()) {
          fault = head.status();
          return false;
        }
        ++events;
        if (std::exchange(last, head->time) != head->time) ++batches;
        return true;
      });
  if (!seen.ok()) return seen.status();
  if (!fault.ok()) return fault;
  if (batches == 0) return absl::InternalError("nothing was recorded");
  return static_cast<double>(events) / static_cast<double>(batches);
}

// Records a second of raw LMDB at this batch.
absl::StatusOr<double> FloodRaw(RawLog& log, const Bytes& bytes, double batch, Seconds length) {
  const auto size = static_cast<std::size_t>(batch + 0.5);
  std::uint64_t records = 0;
  const auto begun = Steady::now();
  while (Steady::now() - begun < length) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    if (absl::Status status = log.Append(bytes.record, size); !status.ok()) return status;
    records += size;
  }
  return static_cast<double>(records) / Seconds(Steady::now() - begun).count();
}

absl::StatusOr<BenchRow> MeasureInFlight(const BenchSetting& setting, Stage& stage, RawLog& raw_log,
                                         std::vector<std::unique_ptr<GatewayClient>>& clients,
                                         std::size_t in_flight) {
  const int rounds = setting.quick ? 3 : 7;
  const Seconds length(setting.quick ? 0.3 : 1.0);
  std::vector<double> ours;
  std::vector<double> raw;
  std::vector<double> batches;
  double commands = 0;
  Duration used{};
  for (int round = 0; round < rounds; ++round) {
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    const absl::StatusOr<Sequence> before = stage.log->Head();
    if (!before.ok()) return before.status();
    const Duration used_before = stage.server->CpuTime();
    const Flood flood = FloodServer(clients, in_flight / kClients, length);
    if (!flood.fault.ok()) return flood.fault;
    used += stage.server->CpuTime() - used_before;
    commands += static_cast<double>(flood.commands);
    ours.push_back(static_cast<double>(flood.commands) / flood.seconds);
    const absl::StatusOr<double> batch = MeanBatch(*stage.log, *before);
    if (!batch.ok()) return batch.status();
    batches.push_back(*batch);
    const absl::StatusOr<double> reached = FloodRaw(raw_log, stage.bytes, *batch, length);
    if (!reached.ok()) return reached.status();
    raw.push_back(*reached);
  }
  BenchRow row = CompareRounds(fmt::format("{} in flight", in_flight), "commands/s", ours, raw,
                               {BarKind::kRatioAtLeast, 0.5});
  row.note =
      fmt::format("{} clients, mean batch {:.1f}, {:.1f} µs of epud's processor a command",
                  kClients, SpreadOf(batches).median, static_cast<double>(used.count()) / commands);
  return row;
}

}  // namespace

BenchRows MeasureLatency(const BenchSetting& setting) {
  setting.progress("one client");
  absl::StatusOr<Stage> stage = SetUp(setting, "latency");
  if (!stage.ok()) return stage.status();
  auto raw_log = RawLog::Create(setting.directory + "/raw-one");
  if (!raw_log.ok()) return raw_log.status();
  const std::string endpoint = "ipc://" + setting.directory + "/raw.sock";
  const auto raw_server =
      RawServer::Start(endpoint, **raw_log, stage->bytes.record, stage->bytes.reply);
  if (!raw_server.ok()) return raw_server.status();
  RawClient raw_client(endpoint);

  const int rounds = setting.quick ? 6 : 30;
  constexpr int kCommandsPerRound = 50;
  std::vector<double> ours, raw, all_ours, all_raw;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> times, raw_times;
    absl::Status status = AskOurs(*stage->client, kCommandsPerRound, times);
    status.Update(AskRaw(raw_client, stage->bytes, kCommandsPerRound, raw_times));
    if (!status.ok()) return status;
    all_ours.insert(all_ours.end(), times.begin(), times.end());
    all_raw.insert(all_raw.end(), raw_times.begin(), raw_times.end());
    ours.push_back(SpreadOf(std::move(times)).median);
    raw.push_back(SpreadOf(std::move(raw_times)).median);
  }
  BenchRow row = CompareRounds("one client, p50", "ms", ours, raw, {BarKind::kRatioAtMost, 1.5});
  row.note = fmt::format("p99 {:.2f} ms (raw {:.2f} ms); records of {} bytes, {} commands",
                         PercentileOf(all_ours, 0.99), PercentileOf(all_raw, 0.99),
                         stage->bytes.record.size(), all_ours.size());
  return std::vector{row};
}

BenchRows MeasureThroughput(const BenchSetting& setting) {
  setting.progress("eight clients");
  absl::StatusOr<Stage> stage = SetUp(setting, "commands");
  if (!stage.ok()) return stage.status();
  auto raw_log = RawLog::Create(setting.directory + "/raw-many");
  if (!raw_log.ok()) return raw_log.status();
  std::vector<std::unique_ptr<GatewayClient>> clients;
  for (int i = 0; i < kClients; ++i) {
    absl::StatusOr<std::unique_ptr<GatewayClient>> client = ConnectTo(*stage->server);
    if (!client.ok()) return client.status();
    clients.push_back(*std::move(client));
  }
  std::vector<BenchRow> rows;
  for (const std::size_t in_flight : {64, 512}) {
    absl::StatusOr<BenchRow> row = MeasureInFlight(setting, *stage, **raw_log, clients, in_flight);
    if (!row.ok()) return row.status();
    rows.push_back(*std::move(row));
  }
  return rows;
}

namespace {

// Whether there is a decision behind `after`.
absl::StatusOr<bool> HasDecision(const LmdbLog& log, Sequence after) {
  bool found = false;
  absl::Status fault;
  const auto seen = log.Visit(after, ReadLimit{}, [&](Sequence, RecordView record) {
    const absl::StatusOr<Event> event = Decode(record);
    fault = event.status();
    found = event.ok() && std::holds_alternative<DecisionMade>(event->payload);
    return fault.ok() && !found;
  });
  if (!seen.ok()) return seen.status();
  if (!fault.ok()) return fault;
  return found;
}

}  // namespace

// Work where there was none, and none where there was some: each drives a decision.
BenchRows MeasureDecision(const BenchSetting& setting) {
  setting.progress("from reading to decision");
  absl::StatusOr<Stage> stage = SetUp(setting, "decision");
  if (!stage.ok()) return stage.status();
  const int readings = setting.quick ? 10 : 40;
  constexpr auto kRest = std::chrono::milliseconds(137);  // In step with none of epud's ticks.
  std::vector<double> times;
  for (int i = 0; i < readings; ++i) {
    std::this_thread::sleep_for(kRest);
    if (absl::Status stop = CheckStop(); !stop.ok()) return stop;
    const Command command = ReadingOf(stage->client->NextId(), 0, i % 2 == 0 ? 1 : 0);
    const auto begun = Steady::now();
    const Answer answer = stage->client->Submit(command, kBenchPatience);
    if (!answer.status.ok()) return answer.status;
    absl::StatusOr<bool> decided = false;
    while (!*decided) {
      decided = HasDecision(*stage->log, answer.first);
      if (!decided.ok()) return decided.status();
      if (MillisecondsSince(begun) > 10'000) return absl::InternalError("no decision in 10s");
    }
    times.push_back(MillisecondsSince(begun));
  }
  BenchRow row;
  row.name = "reading to decision, median";
  row.unit = "ms";
  row.ours = SpreadOf(times).median;
  row.bar = {BarKind::kBelow, 10};
  row.note = fmt::format("{} readings, {:.2f} to {:.2f} ms", times.size(), SpreadOf(times).least,
                         SpreadOf(times).most);
  return std::vector{row};
}

}  // namespace epu

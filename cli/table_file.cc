#include "cli/table_file.h"

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/json_view.h"
#include "cli/zone.h"

namespace epu {
namespace {

constexpr std::string_view kSchema = R"(
CREATE TABLE events (sequence INTEGER PRIMARY KEY, time TEXT NOT NULL, time_us INTEGER NOT NULL,
  kind TEXT NOT NULL, epu TEXT, worker TEXT, actor TEXT NOT NULL, what TEXT NOT NULL,
  note TEXT, data TEXT NOT NULL, record BLOB NOT NULL);
CREATE TABLE decisions (sequence INTEGER PRIMARY KEY REFERENCES events, time TEXT NOT NULL,
  time_us INTEGER NOT NULL, epu TEXT NOT NULL, cause TEXT NOT NULL, engine TEXT NOT NULL,
  engine_version INTEGER NOT NULL, size INTEGER NOT NULL, wanted INTEGER NOT NULL,
  launches INTEGER NOT NULL, retirements INTEGER NOT NULL, reason TEXT NOT NULL,
  policy INTEGER NOT NULL);
CREATE TABLE inputs (decision INTEGER NOT NULL REFERENCES decisions, input INTEGER NOT NULL);
CREATE TABLE readings (sequence INTEGER PRIMARY KEY REFERENCES events, time TEXT NOT NULL,
  time_us INTEGER NOT NULL, epu TEXT NOT NULL, sensor TEXT NOT NULL, value REAL,
  in_progress REAL, age_s REAL NOT NULL, error TEXT);
CREATE TABLE workers (worker TEXT PRIMARY KEY, epu TEXT NOT NULL, site TEXT NOT NULL,
  request INTEGER NOT NULL, requested TEXT NOT NULL, requested_us INTEGER NOT NULL, running TEXT,
  running_us INTEGER, ended TEXT, ended_us INTEGER, state TEXT NOT NULL, reason TEXT, machine TEXT);
)";

constexpr std::string_view kIndices = R"(
CREATE INDEX events_kind ON events (kind, sequence);
CREATE INDEX events_epu ON events (epu, sequence);
CREATE INDEX inputs_decision ON inputs (decision);
CREATE INDEX readings_sensor ON readings (epu, sensor, time_us);
)";

// Binds the values of one row in order, and runs the statement.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  Row& Put(std::string_view text) {
    sqlite3_bind_text(statement_, ++place_, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
    return *this;
  }
  Row& PutOrNull(std::string_view text) { return text.empty() ? Null() : Put(text); }
  Row& Put(std::int64_t number) {
    sqlite3_bind_int64(statement_, ++place_, number);
    return *this;
  }
  Row& Put(Sequence number) { return Put(static_cast<std::int64_t>(number)); }
  Row& Put(double number) {
    sqlite3_bind_double(statement_, ++place_, number);
    return *this;
  }
  Row& Put(const std::optional<double>& number) { return number ? Put(*number) : Null(); }
  Row& Put(Time time) { return Put(FormatTime(time)).Put(time.time_since_epoch().count()); }
  Row& Put(const std::optional<Time>& time) { return time ? Put(*time) : Null().Null(); }
  Row& Put(RecordView record) {
    sqlite3_bind_blob(statement_, ++place_, record.data(), static_cast<int>(record.size_bytes()),
                      SQLITE_TRANSIENT);
    return *this;
  }
  Row& Null() {
    sqlite3_bind_null(statement_, ++place_);
    return *this;
  }
  bool Insert() {
    const bool done = sqlite3_step(statement_) == SQLITE_DONE;
    return sqlite3_reset(statement_) == SQLITE_OK && done;
  }

 private:
  sqlite3_stmt* const statement_;
  int place_ = 0;
};

bool PutReading(sqlite3_stmt* statement, const Event& event, const ReadingTaken& fact,
                Names& names) {
  const auto* value = std::get_if<double>(&fact.measure);
  const auto* broken = std::get_if<Broken>(&fact.measure);
  return Row(statement)
      .Put(event.sequence)
      .Put(event.time)
      .Put(names.Epu(fact.epu))
      .Put(names.SensorAlone(fact.sensor))
      .Put(value == nullptr ? std::nullopt : std::optional(*value))
      .Put(fact.in_progress)
      .Put(InSeconds(fact.age))
      .PutOrNull(broken == nullptr ? std::string_view() : broken->error)
      .Insert();
}

bool PutDecision(sqlite3_stmt* statement, sqlite3_stmt* input, const Event& event,
                 const DecisionMade& fact, Names& names) {
  bool done = Row(statement)
                  .Put(event.sequence)
                  .Put(event.time)
                  .Put(names.Epu(fact.epu))
                  .Put(CauseName(fact.cause))
                  .Put(fact.engine)
                  .Put(std::int64_t{fact.engine_version})
                  .Put(std::int64_t{fact.size})
                  .Put(std::int64_t{fact.wanted})
                  .Put(std::int64_t{fact.launches})
                  .Put(static_cast<std::int64_t>(fact.retirements.size()))
                  .Put(ReasonText(fact, names, Zone::kUtc))
                  .Put(fact.policy)
                  .Insert();
  for (const Sequence sequence : fact.inputs) {
    done = done && Row(input).Put(event.sequence).Put(sequence).Insert();
  }
  return done;
}

bool PutRequest(sqlite3_stmt* statement, const Event& event, const WorkerRequested& fact,
                Names& names) {
  return Row(statement)
      .Put(names.Worker({fact.epu, fact.worker}))
      .Put(names.Epu(fact.epu))
      .Put(names.Site(fact.site))
      .Put(event.sequence)
      .Put(event.time)
      .Put(StateName(WorkerState::kRequested))
      .Insert();
}

bool PutChange(sqlite3_stmt* statement, const Event& event, const WorkerChanged& fact,
               Names& names) {
  const auto when = [&](bool it_is) { return it_is ? std::optional(event.time) : std::nullopt; };
  return Row(statement)
      .Put(StateName(fact.to))
      .Put(when(fact.to == WorkerState::kRunning))
      .Put(when(fact.to >= WorkerState::kTerminated))
      .PutOrNull(ReasonName(fact.reason))
      .PutOrNull(fact.machine)
      .Put(names.Worker({fact.epu, fact.worker}))
      .Insert();
}

}  // namespace

std::string_view TableSchema() { return kSchema; }

absl::StatusOr<std::unique_ptr<TableFile>> TableFile::Make(const std::string& path) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(path.c_str(), &database);
  std::unique_ptr<TableFile> file(new TableFile(database));
  if (opened != SQLITE_OK) return file->Fault(path);
  // The file counts when it is finished, and not before: no journal is needed on the way.
  absl::Status status = file->Run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;");
  if (status.ok()) status = file->Run(kSchema);
  const auto prepare = [&](std::string_view sql, sqlite3_stmt** statement) {
    if (status.ok()) status = file->Prepare(sql, statement);
  };
  prepare("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?)", &file->event_);
  prepare("INSERT INTO decisions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", &file->decision_);
  prepare("INSERT INTO inputs VALUES (?,?)", &file->input_);
  prepare("INSERT INTO readings VALUES (?,?,?,?,?,?,?,?,?)", &file->reading_);
  prepare(
      "INSERT INTO workers (worker,epu,site,request,requested,requested_us,state) VALUES "
      "(?,?,?,?,?,?,?)",
      &file->request_);
  prepare(
      "UPDATE workers SET state=?, running=coalesce(running,?), running_us=coalesce(running_us,?), "
      "ended=coalesce(ended,?), ended_us=coalesce(ended_us,?), "
      "reason=coalesce(?,reason), machine=coalesce(?,machine) WHERE worker=?",
      &file->change_);
  if (!status.ok()) return status;
  return file;
}

TableFile::TableFile(sqlite3* database) : database_(database) {}

TableFile::~TableFile() {
  for (sqlite3_stmt* statement : {event_, decision_, input_, reading_, request_, change_}) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(database_);
}

absl::Status TableFile::Fault(std::string_view what) const {
  return absl::UnavailableError(fmt::format("{}: {}", what, sqlite3_errmsg(database_)));
}

absl::Status TableFile::Run(std::string_view sql) {
  const std::string text(sql);
  if (sqlite3_exec(database_, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return absl::OkStatus();
  }
  return Fault("the tables cannot be written");
}

absl::Status TableFile::Prepare(std::string_view sql, sqlite3_stmt** statement) {
  const int prepared =
      sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), statement, nullptr);
  return prepared == SQLITE_OK ? absl::OkStatus() : Fault("the tables cannot be written");
}

absl::Status TableFile::Take(const Event& event, RecordView record, Names& names) {
  const WorkerId subject = SubjectOf(event.payload);
  const bool is_of_epu = subject.epu != EpuNumber{};
  const bool is_of_worker = subject.number != WorkerNumber{};
  bool done = Row(event_)
                  .Put(event.sequence)
                  .Put(event.time)
                  .Put(KindName(event.payload))
                  .PutOrNull(is_of_epu ? names.Epu(subject.epu) : "")
                  .PutOrNull(is_of_worker ? names.Worker(subject) : "")
                  .Put(names.Actor(event.actor))
                  .Put(Describe(event, names, Zone::kUtc))
                  .PutOrNull(event.note)
                  .Put(ToLine(EventJson(event, names)))
                  .Put(record)
                  .Insert();
  if (const auto* reading = std::get_if<ReadingTaken>(&event.payload)) {
    done = done && PutReading(reading_, event, *reading, names);
  } else if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
    done = done && PutDecision(decision_, input_, event, *decision, names);
  } else if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    done = done && PutRequest(request_, event, *request, names);
  } else if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    done = done && PutChange(change_, event, *change, names);
  }
  return done ? absl::OkStatus() : Fault(fmt::format("event {} cannot be written", event.sequence));
}

absl::Status TableFile::Finish() {
  absl::Status status = Run(kIndices);
  if (status.ok()) status = Run("COMMIT;");
  return status;
}

}  // namespace epu

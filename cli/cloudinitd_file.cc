#include "cli/cloudinitd_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/launch_plan.h"
#include "cli/new_file.h"
#include "cli/plan_keys.h"

namespace epu {
namespace {

// The original's tables, columns and types; its program reads what has them.
constexpr std::string_view kSchema = R"(
CREATE TABLE boot (id INTEGER NOT NULL, topconf VARCHAR(1024), timestamp TIMESTAMP, status INTEGER,
  PRIMARY KEY (id));
CREATE TABLE level (id INTEGER NOT NULL, "order" INTEGER, conf_file VARCHAR(1024),
  name VARCHAR(64), boot_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(boot_id) REFERENCES boot (id));
CREATE TABLE service (id INTEGER NOT NULL, name VARCHAR(64), level_id INTEGER, image VARCHAR(32),
  iaas VARCHAR(32), allocation VARCHAR(64), keyname VARCHAR(32), localkey VARCHAR(1024),
  username VARCHAR(32), scp_username VARCHAR(32), readypgm VARCHAR(1024),
  readypgm_args VARCHAR(1024), hostname VARCHAR(64), bootconf VARCHAR(1024), bootpgm VARCHAR(1024),
  bootpgm_args VARCHAR(1024), securitygroups VARCHAR(1024), deps VARCHAR(1024),
  instance_id VARCHAR(64), iaas_url VARCHAR(64), iaas_key VARCHAR(64), iaas_secret VARCHAR(64),
  state INTEGER, last_error TEXT, terminatepgm VARCHAR(1024), terminatepgm_args VARCHAR(1024),
  iaas_launch BOOLEAN, pgm_timeout INTEGER, local_exe BOOLEAN, PRIMARY KEY (id),
  FOREIGN KEY(level_id) REFERENCES level (id));
CREATE TABLE attrbag (id INTEGER NOT NULL, "key" VARCHAR(50), value VARCHAR(50),
  service_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(service_id) REFERENCES service (id));
CREATE TABLE iaas_history (id INTEGER NOT NULL, instance_id VARCHAR(64), timestamp TIMESTAMP,
  service_id INTEGER, PRIMARY KEY (id), FOREIGN KEY(service_id) REFERENCES service (id));
)";

constexpr std::int64_t kTimeoutMaxS = 7 * 24 * 3600;  // As of pgm_timeout in a plan.

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// One statement. The first fault stays, and nothing is done behind it.
class Query {
 public:
  Query(sqlite3* database, std::string_view sql) : database_(database) {
    Check(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_,
                             nullptr));
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() { sqlite3_finalize(statement_); }

  Query& Put(const std::string& text) {
    ++place_;
    if (status_.ok() && !text.empty()) {
      sqlite3_bind_text(statement_, place_, text.c_str(), -1, SQLITE_TRANSIENT);
    }
    return *this;
  }
  Query& Put(std::int64_t number) {
    ++place_;
    if (status_.ok()) sqlite3_bind_int64(statement_, place_, number);
    return *this;
  }

  // Whether there is a further row.
  bool Step() {
    if (!status_.ok()) return false;
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) Check(code);
    return code == SQLITE_ROW;
  }
  // Runs it for a row that was put, and takes the next.
  void Run() {
    Step();
    if (!status_.ok()) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    place_ = 0;
  }

  std::string Text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return text == nullptr ? "" : text;
  }
  std::int64_t Number(int column) const { return sqlite3_column_int64(statement_, column); }
  const absl::Status& status() const { return status_; }

 private:
  void Check(int code) {
    if (code != SQLITE_OK) status_.Update(absl::InvalidArgumentError(sqlite3_errmsg(database_)));
  }

  sqlite3* database_;
  sqlite3_stmt* statement_ = nullptr;
  int place_ = 0;
  absl::Status status_;
};

constexpr std::string_view kServices =
    "SELECT service.name, level.\"order\", image, iaas, allocation, keyname, localkey, username, "
    "scp_username, readypgm, readypgm_args, hostname, bootconf, bootpgm, bootpgm_args, "
    "securitygroups, instance_id, iaas_key, iaas_secret, state, last_error, terminatepgm, "
    "terminatepgm_args, iaas_launch, pgm_timeout, local_exe, service.id FROM service JOIN level ON "
    "level.id = service.level_id ORDER BY level.\"order\", service.id";

Variable Kept(CloudinitdLaunch& launch, const std::string& service, std::string name,
              std::string value) {
  if (!IsSecretName(name)) return {std::move(name), std::move(value), false};
  const std::string file = SecretFileName(service, name);
  launch.secrets[file] = std::move(value);
  return {std::move(name), file, true};
}

// A machine of its own is of the site that the original called `iaas`.
CloudinitdService ServiceOf(const Query& row, CloudinitdLaunch& launch) {
  CloudinitdService service;
  ServiceDefinition& definition = service.definition;
  definition.name = row.Text(0);
  definition.level = static_cast<std::uint32_t>(row.Number(1));
  definition.image = row.Text(2);
  definition.allocation = row.Text(4);
  definition.key_name = row.Text(5);
  definition.ssh_key = row.Text(6);
  definition.ssh_user = row.Text(7);
  definition.scp_user = row.Text(8);
  definition.ready = {row.Text(9), row.Text(10)};
  definition.boot_template = row.Text(12);
  definition.boot = {row.Text(13), row.Text(14)};
  definition.security_groups = row.Text(15);
  definition.terminate = {row.Text(21), row.Text(22)};
  definition.program_timeout =
      std::chrono::seconds(std::clamp<std::int64_t>(row.Number(24), 1, kTimeoutMaxS));
  definition.local = row.Number(25) != 0;
  service.machine = row.Text(16);
  service.state = static_cast<ServiceState>(row.Number(19));
  service.last_error = row.Text(20);
  const bool own = row.Number(23) != 0;
  if (own) {
    definition.driver = row.Text(3).empty() ? "cloud" : row.Text(3);
    service.host = row.Text(11);
  } else {
    definition.hostname = row.Text(11);
  }
  const std::string cloud = "cloud-" + (row.Text(3).empty() ? "default" : row.Text(3));
  for (const auto& [column, name] : {std::pair(17, "iaas_key"), std::pair(18, "iaas_secret")}) {
    if (!row.Text(column).empty()) launch.secrets[SecretFileName(cloud, name)] = row.Text(column);
  }
  return service;
}

bool IsState(std::int64_t state) { return state == 0 || state == 2 || state == 4 || state == 6; }

// What keeps a row from being a service of ours; empty where nothing does.
std::string FaultOf(const Query& row) {
  const std::string name = row.Text(0);
  if (!IsServiceName(name)) return fmt::format("\"{}\" can name no service", name);
  if (!IsState(row.Number(19))) return fmt::format("{} has state {}", name, row.Number(19));
  return "";
}

std::string Stamp(Time time) {
  std::string text = FormatTime(time);  // 2026-11-22T09:13:45.201334Z
  text[10] = ' ';
  text.pop_back();
  return text;
}

// ---- Writing ----

void PutService(Query& query, const Service& service, std::int64_t id, std::int64_t level) {
  const ServiceDefinition& definition = service.definition;
  const ServiceMachine* machine = CurrentMachine(service);
  query.Put(id).Put(definition.name).Put(level).Put(definition.image).Put(definition.driver);
  query.Put(definition.allocation).Put(definition.key_name).Put(definition.ssh_key);
  query.Put(definition.ssh_user).Put(definition.scp_user).Put(definition.ready.path);
  query.Put(definition.ready.arguments);
  query.Put(machine == nullptr ? definition.hostname : machine->host);
  query.Put(definition.boot_template).Put(definition.boot.path).Put(definition.boot.arguments);
  query.Put(definition.security_groups).Put(machine == nullptr ? "" : machine->machine);
  query.Put(static_cast<std::int64_t>(service.state)).Put(service.error);
  query.Put(definition.terminate.path).Put(definition.terminate.arguments);
  query.Put(std::int64_t{HasOwnMachine(service)});
  query.Put(std::int64_t{definition.program_timeout / std::chrono::seconds(1)});
  query.Put(std::int64_t{definition.local});
  query.Run();
}

absl::Status WriteLaunch(sqlite3* database, const LaunchLook& look) {
  const Launch& launch = look.fold.state.launch;
  Query boot(database, "INSERT INTO boot VALUES (1, ?, ?, ?)");
  const bool done = launch.walk.end == WalkEnd::kDone;
  boot.Put(launch.plan).Put(Stamp(launch.walk.since)).Put(std::int64_t{done}).Run();
  Query level(database, "INSERT INTO level VALUES (?, ?, ?, ?, 1)");
  Query row(database,
            "INSERT INTO service (id, name, level_id, image, iaas, allocation, keyname, localkey, "
            "username, scp_username, readypgm, readypgm_args, hostname, bootconf, bootpgm, "
            "bootpgm_args, securitygroups, instance_id, state, last_error, terminatepgm, "
            "terminatepgm_args, iaas_launch, pgm_timeout, local_exe) VALUES (?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  Query bag(database, "INSERT INTO attrbag (\"key\", value, service_id) VALUES (?, ?, ?)");
  std::map<std::uint32_t, std::int64_t> levels;
  std::map<std::string, std::int64_t> ids;
  for (const auto& [number, service] : launch.services) {
    if (service.dropped) continue;
    const std::uint32_t order = service.definition.level;
    const auto [known, fresh] = levels.try_emplace(order, levels.size() + 1);
    if (fresh) {
      level.Put(known->second).Put(std::int64_t{order}).Put(launch.plan);
      level.Put(fmt::format("level{}", order)).Run();
    }
    const auto id = static_cast<std::int64_t>(ids.size() + 1);
    ids[service.definition.name] = id;
    PutService(row, service, id, known->second);
    for (const auto* variables : {&service.definition.attributes, &service.attributes}) {
      for (const Variable& variable : *variables) {
        if (!variable.secret) bag.Put(variable.name).Put(variable.value).Put(id).Run();
      }
    }
  }
  Query history(database,
                "INSERT INTO iaas_history (instance_id, timestamp, service_id) VALUES (?, ?, ?)");
  const absl::StatusOr<std::vector<MachineRecord>> machines = MachinesOf(*look.log);
  if (!machines.ok()) return machines.status();
  for (const MachineRecord& machine : *machines) {
    if (machine.machine.empty() || !ids.contains(machine.service)) continue;
    history.Put(machine.machine).Put(Stamp(machine.asked)).Put(ids[machine.service]).Run();
  }
  absl::Status status = boot.status();
  for (const Query* query : {&level, &row, &bag, &history}) status.Update(query->status());
  return status;
}

}  // namespace

absl::StatusOr<CloudinitdLaunch> ReadCloudinitdFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(fmt::format("there is no file {}", path));
  }
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const Database database(opened);
  const auto none = [&](const absl::Status& status) {
    return absl::InvalidArgumentError(fmt::format("{} is no run database of cloudinit.d: {}", path,
                                                  std::string(status.message())));
  };
  if (code != SQLITE_OK) return none(absl::InvalidArgumentError(sqlite3_errmsg(opened)));
  CloudinitdLaunch launch;
  Query boot(opened, "SELECT topconf FROM boot");
  if (boot.Step()) launch.plan = boot.Text(0);
  Query services(opened, kServices);
  while (services.Step()) {
    if (const std::string fault = FaultOf(services); !fault.empty()) {
      return none(absl::InvalidArgumentError(fault));
    }
    CloudinitdService service = ServiceOf(services, launch);
    Query bag(opened, "SELECT \"key\", value FROM attrbag WHERE service_id = ? ORDER BY id");
    bag.Put(services.Number(26));
    std::vector<Variable>& attributes = service.definition.attributes;
    while (bag.Step()) {
      Variable variable = Kept(launch, service.definition.name, bag.Text(0), bag.Text(1));
      std::erase_if(attributes, [&](const Variable& old) { return old.name == variable.name; });
      attributes.push_back(std::move(variable));
    }
    if (!bag.status().ok()) return none(bag.status());
    launch.services.push_back(std::move(service));
  }
  for (const Query* query : {&boot, &services}) {
    if (!query->status().ok()) return none(query->status());
  }
  if (launch.plan.empty()) return none(absl::InvalidArgumentError("it was never booted"));
  return launch;
}

absl::Status WriteCloudinitdFile(const std::string& path, const LaunchLook& look,
                                 Existing existing) {
  absl::StatusOr<std::unique_ptr<NewFile>> file = NewFile::Make(path, existing, 0600);
  if (!file.ok()) return file.status();
  sqlite3* opened = nullptr;
  const int code = sqlite3_open((*file)->UnfinishedPath().c_str(), &opened);
  Database database(opened);
  if (code != SQLITE_OK) return absl::UnavailableError(sqlite3_errmsg(opened));
  const std::string begin = "BEGIN;" + std::string(kSchema);
  if (sqlite3_exec(opened, begin.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return absl::UnavailableError(sqlite3_errmsg(opened));
  }
  if (absl::Status written = WriteLaunch(opened, look); !written.ok()) {
    return absl::UnavailableError(written.message());
  }
  if (sqlite3_exec(opened, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
    return absl::UnavailableError(sqlite3_errmsg(opened));
  }
  database.reset();
  return (*file)->Finish();
}

}  // namespace epu

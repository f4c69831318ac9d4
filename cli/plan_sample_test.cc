// The sample plan against the run database that the original wrote of it: what our reader makes of
// the files is, column by column, what cloudinit.d's did.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "cli/plan_reader.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSample = "tests/data/cloudinitd-sample";
constexpr const char* kThere = "/srv/plans";  // Where the original read it.

using Row = std::vector<std::string>;

// The rows of a query; what is NULL is empty.
std::vector<Row> Ask(const std::string& sql) {
  sqlite3* database = nullptr;
  // Immutable: nothing is to be written beside it.
  const std::string name = fmt::format("file:{}/cloudinitd-run7.db?immutable=1", kSample);
  EXPECT_EQ(
      sqlite3_open_v2(name.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr),
      SQLITE_OK);
  std::vector<Row> rows;
  const auto add = [](void* to, int count, char** values, char**) {
    Row row;
    for (int i = 0; i < count; ++i) row.emplace_back(values[i] == nullptr ? "" : values[i]);
    static_cast<std::vector<Row>*>(to)->push_back(std::move(row));
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), add, &rows, nullptr), SQLITE_OK) << sql;
  sqlite3_close(database);
  return rows;
}

LaunchPlan ReadSample() {
  LaunchPlanOptions options;
  options.path = std::string(kSample) + "/plan/main.conf";
  options.known_drivers = {"process"};
  options.environment = [](const std::string&) { return std::nullopt; };
  return ReadLaunchPlan(options);
}

// A path as the original had it.
std::string There(const std::string& path) {
  const std::string here = fs::absolute(std::string(kSample) + "/plan").lexically_normal();
  return path.starts_with(here) ? kThere + path.substr(here.size()) : path;
}

Row RowOf(const ServiceDefinition& service) {
  return {fmt::format("{}", service.level),
          service.name,
          service.image,
          service.allocation,
          service.key_name,
          There(service.ssh_key),
          service.ssh_user,
          service.scp_user,
          There(service.ready.path),
          service.ready.arguments,
          service.hostname,
          There(service.boot_template),
          There(service.boot.path),
          service.boot.arguments,
          service.security_groups,
          There(service.terminate.path),
          service.terminate.arguments,
          service.driver.empty() ? "0" : "1",
          fmt::format("{}", service.program_timeout / std::chrono::seconds(1)),
          service.local ? "1" : "0"};
}

TEST(SamplePlan, IsReadWithoutAComplaint) {
  const LaunchPlan plan = ReadSample();
  for (const auto* complaints : {&plan.faults, &plan.warnings}) {
    for (const Complaint& complaint : *complaints) ADD_FAILURE() << complaint.message;
  }
  EXPECT_EQ(There(plan.path), "/srv/plans/main.conf");
  EXPECT_TRUE(plan.globals.empty());
  EXPECT_TRUE(plan.secrets.empty());
}

TEST(SamplePlan, HasTheServicesOfTheOriginal) {
  std::vector<Row> services;
  for (const ServiceDefinition& service : ReadSample().services) services.push_back(RowOf(service));
  EXPECT_EQ(services, Ask("SELECT level.\"order\", service.name, image, allocation, keyname, "
                          "localkey, username, scp_username, readypgm, readypgm_args, hostname, "
                          "bootconf, bootpgm, bootpgm_args, securitygroups, terminatepgm, "
                          "terminatepgm_args, iaas_launch, pgm_timeout, local_exe "
                          "FROM service JOIN level ON level.id = level_id ORDER BY service.id"));
  EXPECT_EQ(services.size(), 6u);
}

// But for what the boot programs said, whose rows are the last.
TEST(SamplePlan, HasTheAttributesOfTheOriginal) {
  std::vector<Row> attributes;
  for (const ServiceDefinition& service : ReadSample().services) {
    for (const Variable& variable : service.attributes) {
      EXPECT_FALSE(variable.secret) << variable.name;
      attributes.push_back({service.name, variable.name, variable.value});
    }
  }
  EXPECT_EQ(attributes, Ask("SELECT name, key, value FROM attrbag JOIN service "
                            "ON service.id = service_id WHERE key NOT IN ('booted', 'pid') "
                            "ORDER BY attrbag.id"));
  EXPECT_EQ(attributes.size(), 14u);
}

}  // namespace
}  // namespace epu

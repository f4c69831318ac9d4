#include "cli/cloudinitd_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace epu {
namespace {

constexpr const char* kSample = "tests/data/cloudinitd-sample/cloudinitd-run7.db";

TEST(CloudinitdFile, OfTheOriginalIsRead) {
  const absl::StatusOr<CloudinitdLaunch> launch = ReadCloudinitdFile(kSample);
  ASSERT_TRUE(launch.ok()) << launch.status();
  EXPECT_EQ(launch->plan, "/srv/plans/main.conf");
  std::vector<std::string> told;
  for (const CloudinitdService& service : launch->services) {
    std::string line =
        fmt::format("{} {} {} {} {}", service.definition.level, service.definition.name,
                    static_cast<int>(service.state), service.definition.hostname,
                    service.definition.local ? "local" : "");
    for (const Variable& variable : service.definition.attributes) {
      if (variable.name != "pid") line += fmt::format(" {}={}", variable.name, variable.value);
    }
    told.push_back(line);
  }
  EXPECT_EQ(absl::StrJoin(told, "\n"),
            "1 basenode 4 localhost local broker_host=localhost broker_vhost=/ "
            "exchange_scope=run7 booted=yes\n"
            "1 broker 4 localhost local\n"
            "2 provisioner 4 localhost local broker_host=${basenode.broker_host} "
            "iaas_site=local booted=yes\n"
            "3 epu-sleeper1 4 localhost local epu_controller_sleeper1=epu_controller_sleeper1 "
            "preserve_n=2 broker_host=${provisioner.broker_host} booted=yes\n"
            "3 epu-sleeper2-0 4 localhost local epu_controller_sleeper2=epu_controller_sleeper2 "
            "queuelen_high_water=10 queuelen_low_water=2 booted=yes\n"
            "3 epu-sleeper2-1 4 localhost local epu_controller_sleeper2=epu_controller_sleeper2 "
            "queuelen_high_water=10 queuelen_low_water=2 booted=yes");
  EXPECT_EQ(launch->services[0].definition.terminate.path, "/srv/plans/ready.sh");
}

TEST(CloudinitdFile, ThatIsNoneIsRefused) {
  EXPECT_TRUE(absl::IsNotFound(ReadCloudinitdFile("/nothing.db").status()));
  std::string path = "/tmp/epu-db.XXXXXX";
  close(mkstemp(path.data()));
  const absl::Status empty = ReadCloudinitdFile(path).status();
  EXPECT_TRUE(absl::IsInvalidArgument(empty)) << empty;
  std::ofstream(path) << "no database at all, but a text that is long enough to be looked at";
  const absl::Status text = ReadCloudinitdFile(path).status();
  EXPECT_TRUE(absl::IsInvalidArgument(text)) << text;
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace epu

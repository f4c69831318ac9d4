#include "provisioner/agent_options.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace epu {
namespace {

AgentOptions SomeOptions() {
  AgentOptions options;
  options.detach = Detach::kDetach;
  options.endpoint = "ipc:///run/epud.sock";
  options.directory = "/run/workers/crunch/12";
  options.token = Token{"k3f9", {0x5d1e, 208}};
  options.worker = {EpuNumber{17}, WorkerNumber{12}};
  options.stop_grace = std::chrono::milliseconds(10500);
  options.command = {"/bin/worker", "--", "--token", "with blanks", ""};
  return options;
}

TEST(AgentOptions, AreReadBackAsWritten) {
  for (const Detach detach : {Detach::kStay, Detach::kDetach}) {
    AgentOptions options = SomeOptions();
    options.detach = detach;
    const absl::StatusOr<AgentOptions> read = ParseAgentArguments(FormatAgentArguments(options));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, options);
  }
}

TEST(AgentOptions, NameTheFlagThatIsMissing) {
  const std::vector<std::string> whole = FormatAgentArguments(SomeOptions());
  for (const char* flag : {"--endpoint", "--dir", "--token", "--epu", "--worker", "--grace-ms"}) {
    std::vector<std::string> arguments = whole;
    const auto found = std::find(arguments.begin(), arguments.end(), flag);
    arguments.erase(found, found + 2);
    const absl::Status refused = ParseAgentArguments(arguments).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(refused.message()), testing::HasSubstr(flag));
  }
}

TEST(AgentOptions, RefuseWhatTheyDoNotUnderstand) {
  const auto with = [](const std::string& flag, const std::string& value) {
    std::vector<std::string> arguments = FormatAgentArguments(SomeOptions());
    *(std::find(arguments.begin(), arguments.end(), flag) + 1) = value;
    return ParseAgentArguments(arguments).status().code();
  };
  EXPECT_EQ(with("--worker", "12"), absl::StatusCode::kOk);
  EXPECT_EQ(with("--worker", "twelve"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with("--worker", "4294967296"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with("--epu", "-1"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with("--grace-ms", "1e3"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(with("--token", "k3f9"), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ParseAgentArguments({}).ok());
  EXPECT_FALSE(ParseAgentArguments({"--endpoint"}).ok());
  EXPECT_FALSE(ParseAgentArguments({"--verbose"}).ok());
  std::vector<std::string> no_command = FormatAgentArguments(SomeOptions());
  no_command.erase(std::find(no_command.begin(), no_command.end(), "--") + 1, no_command.end());
  EXPECT_FALSE(ParseAgentArguments(no_command).ok());
}

}  // namespace
}  // namespace epu

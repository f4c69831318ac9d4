#include "provisioner/process_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "provisioner/agent.h"

namespace epu {
namespace {

std::string MakeTemporaryDirectory() {
  char path[] = "/tmp/epu-processes-XXXXXX";
  CHECK(mkdtemp(path) != nullptr);
  return path;
}

// Four letters or digits that no other test process uses at the same time.
std::string LogIdOfThisProcess() {
  std::string id;
  for (int rest = getpid(); id.size() < 4; rest /= 36) {
    id.insert(id.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
  }
  return id;
}

}  // namespace

ProcessFixture::ProcessFixture()
    : directory(MakeTemporaryDirectory()),
      log_id(LogIdOfThisProcess()),
      heartbeats(directory + "/heartbeats") {}

ProcessFixture::~ProcessFixture() {
  const bool ended = Eventually([&] {
    bool none = true;
    const std::vector<Process> processes = ReadProcesses().value();
    for (const Process& process : processes) {
      if (!process.token.starts_with(log_id + "-")) continue;
      none = false;
      for (const Process& member : Tree(ParseToken(process.token)->launch.request)) {
        [[maybe_unused]] const absl::Status sent = SendSignal(member, SIGKILL);
      }
    }
    return none;
  });
  EXPECT_TRUE(ended) << "processes of this test are left";
  std::filesystem::remove_all(directory);
}

ProcessDriverOptions ProcessFixture::Options() const {
  ProcessDriverOptions options;
  options.workers_directory = directory + "/workers";
  options.keys_directory = directory + "/keys";
  options.agent_path = std::filesystem::current_path() / "provisioner/agent_test_program";
  options.endpoint = heartbeats;
  options.log_id = log_id;
  options.run_name = "test";
  options.environment = KeptEnvironment();
  return options;
}

ProcessDriver ProcessFixture::MakeDriver() const { return ProcessDriver(Options()); }

Token ProcessFixture::TokenOf(std::uint32_t number) const {
  return Token{log_id, LaunchId{0x5d1e, number}};
}

LaunchSpec ProcessFixture::Spec(std::uint32_t number, std::vector<std::string> command) {
  LaunchSpec spec;
  spec.worker = {EpuNumber{17}, WorkerNumber{number}};
  spec.epu_name = "crunch";
  spec.command = std::move(command);
  spec.stop_grace = std::chrono::milliseconds(300);
  return spec;
}

LaunchSpec ProcessFixture::Shell(std::uint32_t number, const std::string& script) {
  return Spec(number, {"/bin/sh", "-c", script});
}

bool ProcessFixture::Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::vector<Process> ProcessFixture::Tree(std::uint32_t number) const {
  return TreeOf(ReadProcesses().value(), FormatToken(TokenOf(number)));
}

std::size_t ProcessFixture::CountNamed(std::uint32_t number, const std::string& name) const {
  std::size_t count = 0;
  for (const Process& process : Tree(number)) count += process.name == name ? 1 : 0;
  return count;
}

Process ProcessFixture::Agent(std::uint32_t number) const {
  const std::vector<Process> processes = ReadProcesses().value();
  const Process* agent = FindAgent(processes, FormatToken(TokenOf(number)));
  CHECK(agent != nullptr);
  return *agent;
}

bool ProcessFixture::TerminatesAll(IaasDriver& driver, std::uint32_t number, Duration grace) const {
  const Machine machine{"", TokenOf(number), MachineCondition::kRunning};
  return Eventually([&] {
    EXPECT_EQ(driver.Terminate(machine, grace), absl::OkStatus());
    return Tree(number).empty();
  });
}

std::string ProcessFixture::WorkerDirectory(std::uint32_t number) const {
  return fmt::format("{}/workers/crunch/{}", directory, number);
}

std::string ProcessFixture::Read(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool ProcessFixture::Contains(const std::string& path, const std::string& text) {
  return Read(path).find(text) != std::string::npos;
}

}  // namespace epu

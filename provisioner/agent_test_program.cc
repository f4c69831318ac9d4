#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "provisioner/agent.h"

// An agent whose heartbeats go to the end of a file, the endpoint: one line for each, "HEALTH
// DETAIL", and what the worker says of itself in brackets. They fail while the file's directory is
// not there, as when epud is away. While there is a file of that name with ".drain" behind it, the
// worker is told to drain.

namespace epu {
namespace {

class FileSink final : public HeartbeatSink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<Noted> Send(const Heartbeat& heartbeat) override {
    std::string detail = heartbeat.detail;
    for (char& c : detail) {
      if (c == '\n') c = '|';
    }
    const std::string line = fmt::format(
        "{}-{} {} {}{}\n", ToInteger(heartbeat.worker.epu), ToInteger(heartbeat.worker.number),
        HealthName(heartbeat.health), detail, heartbeat.report ? Said(*heartbeat.report) : "");
    const int file = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return absl::UnavailableError(path_);
    [[maybe_unused]] const ssize_t written = write(file, line.data(), line.size());
    close(file);
    return Noted{access((path_ + ".drain").c_str(), F_OK) == 0};
  }

 private:
  static std::string Said(const WorkReport& report) {
    std::string said = fmt::format("[{} {}", ActivityName(report.activity), report.doing);
    for (const Metric& metric : report.metrics) {
      said += fmt::format(" {}={}", metric.name, metric.value);
    }
    return said + report.error + "]";
  }

  const std::string path_;
};

}  // namespace
}  // namespace epu

int main(int count, char** arguments) {
  const absl::StatusOr<epu::AgentOptions> options =
      epu::ParseAgentArguments(std::vector<std::string>(arguments + 1, arguments + count));
  if (!options.ok()) {
    std::fprintf(stderr, "%s\n", options.status().ToString().c_str());
    return 1;
  }
  return epu::RunAgent(*options, [](const std::string& endpoint) {
    return std::make_unique<epu::FileSink>(endpoint);
  });
}

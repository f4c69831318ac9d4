#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "commands/clock.h"
#include "commands/command.h"
#include "eventlog/memory_log.h"
#include "provisioner/provisioner.h"

// For tests: a site in memory, a clock that is set, and a log that takes every report as it comes.

namespace epu {

// Lists what was launched. Each call can be made to fail, or to do something first.
class FakeDriver final : public IaasDriver {
 public:
  absl::StatusOr<Machine> Launch(const Token& token, const LaunchSpec& spec) override;
  absl::Status Terminate(const Machine& machine, Duration stop_grace) override;
  absl::StatusOr<std::vector<Machine>> List() override;
  DriverFacts Facts() const override { return {std::chrono::seconds(2), Duration::max()}; }

  std::map<Token, Machine> machines;
  std::vector<Token> launched;    // In the order of the calls.
  std::vector<Token> terminated;  // The same.
  absl::Status launch_answer;
  absl::Status terminate_answer;
  absl::Status list_answer;
  std::function<void()> before_list = [] {};
  std::function<void()> after_launch = [] {};
};

// Stands where it is set, and moves by a millisecond each time it is asked.
class FakeClock final : public Clock {
 public:
  Time Now() override { return now += std::chrono::milliseconds(1); }
  Time now = Time(std::chrono::seconds(1000));
};

// A log of one EPU, crunch, at one site.
class FakeServer {
 public:
  static constexpr SiteNumber kSite{2};
  static constexpr EpuNumber kEpu{3};

  // The server's start in `epoch`, the site and the EPU. Ends the test where the log fails.
  explicit FakeServer(FakeClock& clock);

  void Start(std::uint32_t epoch);
  // Asks for the worker of the next number, which is also the request's.
  WorkerId Request();
  void Record(Payload payload);

  // Records reports of sites as the writer would; those that change nothing are left out.
  void Take(const std::vector<Order>& orders);
  ReportSink Sink();

  State Fold() const;
  const Worker* Find(WorkerId id);  // In a fold of this moment; null once it is forgotten.

  MemoryLog log;
  std::vector<Order> orders;  // All that came by the sink.

 private:
  FakeClock& clock_;
  std::uint32_t epoch_ = 0;
  std::uint32_t requests_ = 0;
  State found_in_;
};

}  // namespace epu

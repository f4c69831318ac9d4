#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/bench_setting.h"
#include "commands/client.h"
#include "eventlog/time.h"

// A real epud, run for a measurement, and what it is given to serve.

namespace epu {

class BenchServer {
 public:
  // Starts epud on the new run `run` of the bench and waits until it is ready.
  static absl::StatusOr<std::unique_ptr<BenchServer>> Start(const BenchSetting& setting,
                                                            const std::string& run);
  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;
  ~BenchServer();  // Ends it, and waits until it has ended.

  const std::string& endpoint() const { return endpoint_; }
  const std::string& log_directory() const { return log_directory_; }

  // From its start as a process to its ready line, and what that line says itself ("12ms").
  Duration ready_after() const { return ready_after_; }
  const std::string& says_ready_in() const { return says_ready_in_; }

  // Processor time it has used, in all its threads; memory that is its own.
  Duration CpuTime() const;
  std::size_t RssAnonBytes() const;

 private:
  BenchServer() = default;
  absl::Status AwaitReady();

  pid_t process_ = -1;
  int output_ = -1;  // Its stdout; kept open, so that it can say that it ends.
  std::string endpoint_;
  std::string log_directory_;
  Duration ready_after_{};
  std::string says_ready_in_;
};

// A client of it, numbered at random.
absl::StatusOr<std::unique_ptr<GatewayClient>> ConnectTo(const BenchServer& server);

// Who reads the sensors that DeclarePools declares.
enum class BenchSensors { kPut, kSpool };

// Declares `count` queuelen pools "pool-0", … with one sensor "queue" each, on a site where
// launching is disabled: decisions are made and recorded, and no machine is started. With kSpool
// epud reads an empty directory every five seconds.
absl::Status DeclarePools(GatewayClient& client, int count, BenchSensors sensors,
                          const BenchSetting& setting);

// What each call of a bench may take, at most.
inline constexpr Duration kBenchPatience = std::chrono::seconds(20);

}  // namespace epu

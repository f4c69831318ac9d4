#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/bench_raw_log.h"

// The least that a durable server can do: one thread that receives a frame, stores a record,
// commits and answers. It decodes nothing, decides nothing and remembers nobody.

namespace epu {

class RawServer {
 public:
  // Serves `endpoint` with a thread of its own. Whatever is received, `record` is stored in `log`
  // and `reply` sent. `log` outlives this and is used by nobody else meanwhile.
  static absl::StatusOr<std::unique_ptr<RawServer>> Start(const std::string& endpoint, RawLog& log,
                                                          std::string record, std::string reply);
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer();

 private:
  struct Socket;

  RawServer(RawLog& log, std::string record, std::string reply);
  void Serve();

  RawLog& log_;
  const std::string record_;
  const std::string reply_;
  std::unique_ptr<Socket> socket_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// Its client: sends, polls and receives as GatewayClient does, and looks at nothing.
class RawClient {
 public:
  explicit RawClient(const std::string& endpoint);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  // Sends `frame` and waits for the answer. kDeadlineExceeded where none comes within some seconds.
  absl::Status Ask(std::string_view frame);

 private:
  struct Socket;
  const std::unique_ptr<Socket> socket_;
};

}  // namespace epu

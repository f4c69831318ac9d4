#pragma once

#include <absl/status/statusor.h>

#include "commands/client.h"
#include "eventlog/log.h"

// The log of a server elsewhere, read through it. Every record is checked here again, so that what
// was damaged on the way is found as what was damaged on the disk.

namespace epu {

// Used by one thread.
class RemoteLog final : public EventLog {
 public:
  // `client` outlives this. `timeout` is how long one answer may take.
  RemoteLog(GatewayClient& client, Duration timeout);

  // kPermissionDenied: a log elsewhere is written by its server alone.
  absl::StatusOr<Sequence> Append(Sequence expected, std::span<const Record> records,
                                  Reserve reserve) override;
  absl::StatusOr<Sequence> Visit(Sequence after, ReadLimit limit,
                                 const Visitor& visit) const override;
  absl::StatusOr<Sequence> Head() const override;

  // The head once it is not `after`, or after `wait`. kUnavailable or kDeadlineExceeded where no
  // server answers within a second more: it may come again.
  absl::StatusOr<Sequence> AwaitHead(Sequence after, Duration wait) const;

 private:
  GatewayClient& client_;
  const Duration timeout_;
};

}  // namespace epu

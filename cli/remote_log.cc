#include "cli/remote_log.h"

#include <algorithm>

#include "eventlog/log_checks.h"

namespace epu {

RemoteLog::RemoteLog(GatewayClient& client, Duration timeout)
    : client_(client), timeout_(timeout) {}

absl::StatusOr<Sequence> RemoteLog::Append(Sequence, std::span<const Record>, Reserve) {
  return absl::PermissionDeniedError("a log elsewhere is written by its server alone");
}

absl::StatusOr<Sequence> RemoteLog::Visit(Sequence after, ReadLimit limit,
                                          const Visitor& visit) const {
  Sequence seen = after;
  std::size_t records = 0;
  std::size_t bytes = 0;
  while (records < limit.records && bytes < limit.bytes) {
    // An answer is one message, so it may hold less than was asked for: ask on.
    const ReadQuery query{seen, {limit.records - records, limit.bytes - bytes}, Duration{0}};
    const absl::StatusOr<Records> answer = client_.Read(query, timeout_);
    if (!answer.ok()) return answer.status();
    for (const Record& record : answer->records) {
      const Sequence sequence = seen + 1;
      if (absl::Status status = CheckWhole(after + 1, sequence, record); !status.ok())
        return status;
      seen = sequence;
      ++records;
      bytes += record.size() * sizeof(Word);
      if (!visit(sequence, record)) return seen;
    }
    if (answer->records.empty() || seen >= answer->head) break;
  }
  return seen;
}

absl::StatusOr<Sequence> RemoteLog::Head() const {
  const absl::StatusOr<ServerState> state = client_.GetState(timeout_);
  if (!state.ok()) return state.status();
  return state->head;
}

absl::StatusOr<Sequence> RemoteLog::AwaitHead(Sequence after, Duration wait) const {
  const Duration patience = std::min<Duration>(timeout_, std::chrono::seconds(1));
  const absl::StatusOr<Records> answer = client_.Read({after, {1, 1}, wait}, patience);
  if (!answer.ok()) return answer.status();
  return answer->head;
}

}  // namespace epu

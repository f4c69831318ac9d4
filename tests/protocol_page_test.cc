// What docs/protocol.md says of versions, limits, codes and pauses, against the code.

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "commands/definition_rules.h"
#include "commands/gateway.h"
#include "commands/wire.h"
#include "eventlog/event.h"

namespace epu {
namespace {

std::string Page() {
  std::ifstream file("docs/protocol.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What stands in the second cell of the row that begins with `what`.
std::string CellBehind(const std::string& page, const std::string& what) {
  const std::string row = "\n| " + what + " | ";
  const std::size_t begin = page.find(row);
  if (begin == page.npos) return "no such row";
  const std::size_t cell = begin + row.size();
  return page.substr(cell, page.find(" |", cell) - cell);
}

TEST(ProtocolPage, NamesEveryLimitAsItIs) {
  const std::string page = Page();
  const struct {
    std::string what;
    std::string limit;
  } rows[] = {
      {"a message, either way", fmt::format("{} bytes", kMessageBytesMax)},
      {"commands of one connection under way", fmt::format("{}", kInFlightMax)},
      {"outcomes remembered of a client", fmt::format("{}", kOutcomesMax)},
      {"clients heard within a day", fmt::format("{}", kClientsMax)},
      {"commands waiting for the writer", fmt::format("{}", kCommandInboxMax)},
      {"reports and heartbeats waiting", fmt::format("{}", kReportInboxMax)},
      {"records of one `read`", fmt::format("{}", kReadRecordsMax)},
      {"bytes of one `read`", fmt::format("{}", kReadBytesMax)},
      {"reads that wait", fmt::format("{}", kWaitingReadsMax)},
      {"the wait of a `read`",
       fmt::format("{} s", kReadWaitMax / Duration(std::chrono::seconds(1)))},
      {"events of one command", fmt::format("{}", kEventsPerCommandMax)},
      {"a text from outside", fmt::format("{} bytes", kTextMax)},
      {"a definition", fmt::format("{} bytes", kDefinitionBytesMax)},
  };
  for (const auto& [what, limit] : rows) EXPECT_EQ(CellBehind(page, what), limit) << what;
}

TEST(ProtocolPage, NamesTheCodesAndTheVersion) {
  const std::string page = Page();
  const struct {
    absl::StatusCode code;
    std::string name;
  } rows[] = {
      {absl::StatusCode::kOk, "OK"},
      {absl::StatusCode::kInvalidArgument, "INVALID_ARGUMENT"},
      {absl::StatusCode::kNotFound, "NOT_FOUND"},
      {absl::StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
      {absl::StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED"},
      {absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION"},
      {absl::StatusCode::kUnavailable, "UNAVAILABLE"},
      {absl::StatusCode::kDataLoss, "DATA_LOSS"},
  };
  for (const auto& [code, name] : rows) {
    EXPECT_EQ(CellBehind(page, fmt::format("{}", static_cast<int>(code))), name);
  }
  EXPECT_NE(page.find(fmt::format("this is version {}", kProtocolVersion)), page.npos);
}

}  // namespace
}  // namespace epu

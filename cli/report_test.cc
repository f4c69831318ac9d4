#include "cli/report.h"

#include <gtest/gtest.h>

#include "cli/sample_log_for_tests.h"
#include "eventlog/codec.h"
#include "projections/every_kind_for_tests.h"

namespace epu {
namespace {

bool Has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

// A page of the log with events of every kind, from the definition of its pool on.
std::string PageOf(const std::string& title) {
  MemoryLog log;
  std::vector<Record> records;
  for (const Event& event : EventsOfEveryKind()) records.push_back(Encode(event));
  EXPECT_TRUE(log.Append(0, records, Reserve::kKeep).ok());
  Names names(log);
  State state;
  std::optional<Report> report;
  Time end{};
  for (const Event& event : EventsOfEveryKind()) {
    if (report && SubjectOf(event.payload).epu == kKindsPool) report->Take(event);
    Evolve(state, event);
    end = event.time;
    const Epu* pool = FindEpu(state, kKindsPool);
    if (!report && pool != nullptr) report.emplace(*pool, event.time, names, Zone::kUtc);
  }
  return report->Page({title, {"1 machine <open>"}, "epu/k3f9\n12\nroot"}, end);
}

TEST(Report, TellsDecisionsWithTheirReasonsAndWhatFailed) {
  const std::string page = PageOf("crunch");
  EXPECT_TRUE(Has(page, "132.25 &gt; high water 100") || Has(page, "132 &gt; high water 100"));
  EXPECT_TRUE(Has(page, "crunch/2 400-PENDING → 900-FAILED"));
  EXPECT_TRUE(Has(page, "<h2>Backlog: queue</h2>"));
  EXPECT_TRUE(Has(page, "by ops"));
  EXPECT_TRUE(Has(page, "epu/k3f9\n12\nroot"));
}

TEST(Report, NeedsNothingFromElsewhereAndObeysNoText) {
  const std::string page = PageOf("<script>alert(1)</script>");
  EXPECT_FALSE(Has(page, "<script"));
  EXPECT_TRUE(Has(page, "&lt;script&gt;"));
  EXPECT_TRUE(Has(page, "1 machine &lt;open&gt;"));
  EXPECT_FALSE(Has(page, " src="));
  EXPECT_FALSE(Has(page, "@import"));
}

}  // namespace
}  // namespace epu

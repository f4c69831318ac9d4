#include "cli/import_log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "cli/cloud_event.h"
#include "cli/sample_log_for_tests.h"
#include "eventlog/lmdb_log.h"
#include "projections/every_kind_for_tests.h"

namespace epu {
namespace {

std::vector<Record> RecordsOf(const EventLog& log) {
  std::vector<Record> records;
  EXPECT_TRUE(log.Visit(0, {~std::size_t{0}, ~std::size_t{0}},
                        [&](Sequence, RecordView record) {
                          records.emplace_back(record.begin(), record.end());
                          return true;
                        })
                  .ok());
  return records;
}

// An export of a log with events of every kind, and where it is imported to.
class Importing : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::vector<Record> records;
    for (const Event& event : EventsOfEveryKind()) records.push_back(Encode(event));
    const absl::StatusOr<Sequence> head = log_.Append(0, records, Reserve::kKeep);
    ASSERT_TRUE(head.ok());
    const absl::StatusOr<EventSource> source = SourceOf(log_, *head);
    ASSERT_TRUE(source.ok()) << source.status();
    Names names(log_);
    for (std::size_t i = 0; i < records.size(); ++i) {
      lines_.push_back(ToLine(CloudEventJson(*Decode(records[i]), records[i], *source, names)));
    }
  }

  Imported Import() {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    std::istringstream in(text);
    return ImportLog(in, directory_, [](Sequence, Sequence) {});
  }

  // "LINE: the fault"
  std::string FaultOf() {
    const Imported imported = Import();
    return fmt::format("{}: {}", imported.line, std::string(imported.fault.message()));
  }

  const std::string directory_ = testing::TempDir() + "/imported";
  MemoryLog log_;
  std::vector<std::string> lines_;
};

TEST_F(Importing, MakesTheSameRecordsUnderTheSameSequences) {
  const Imported imported = Import();
  ASSERT_TRUE(imported.fault.ok()) << imported.fault;
  EXPECT_EQ(imported.events, lines_.size());
  EXPECT_EQ(imported.log_id, "k3f9");
  const auto log = LmdbLog::OpenToRead(directory_, LmdbOptions{});
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(RecordsOf(**log), RecordsOf(log_));
}

TEST_F(Importing, RefusesALineThatTellsAnotherThingThanItsRecord) {
  Json json = Json::parse(lines_[9]);
  json["data"]["value"] = 131;
  lines_[9] = ToLine(json);
  const Imported imported = Import();
  EXPECT_TRUE(absl::IsDataLoss(imported.fault)) << imported.fault;
  EXPECT_EQ(imported.line, 10u);
  EXPECT_NE(imported.fault.message().find("data.value is 131"), std::string::npos)
      << imported.fault;
}

TEST_F(Importing, RefusesADamagedRecord) {
  Json json = Json::parse(lines_[4]);
  std::string record = json["epurecord"];
  record[20] = record[20] == 'A' ? 'B' : 'A';
  json["epurecord"] = record;
  lines_[4] = ToLine(json);
  const Imported imported = Import();
  EXPECT_TRUE(absl::IsDataLoss(imported.fault)) << imported.fault;
  EXPECT_EQ(imported.line, 5u);
}

TEST_F(Importing, RefusesAPartOfALogAndWhatIsNone) {
  const std::vector<std::string> whole = lines_;
  lines_.erase(lines_.begin() + 6);
  EXPECT_EQ(FaultOf(), "7: it is event 8, and 7 is due: each follows once, in order");
  lines_ = {whole.begin() + 1, whole.end()};
  EXPECT_EQ(FaultOf(),
            "1: it is event 2, and a log begins with 1: a part of a log is not imported");
  lines_ = {whole.begin(), whole.end() - 1};
  EXPECT_EQ(FaultOf().substr(0, 4), fmt::format("{}: ", lines_.size()));
  lines_ = {"no json"};
  EXPECT_EQ(FaultOf(), "1: it is no JSON object");
  lines_ = {};
  EXPECT_EQ(FaultOf(), "0: there is nothing to import");
}

}  // namespace
}  // namespace epu

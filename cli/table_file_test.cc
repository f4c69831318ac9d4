#include "cli/table_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

#include "cli/sample_log_for_tests.h"
#include "eventlog/codec.h"
#include "projections/every_kind_for_tests.h"

namespace epu {
namespace {

// A file of a log with events of every kind.
class Tables : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove(path_);
    std::vector<Record> records;
    for (const Event& event : EventsOfEveryKind()) records.push_back(Encode(event));
    ASSERT_TRUE(log_.Append(0, records, Reserve::kKeep).ok());
    Names names(log_);
    const auto tables = TableFile::Make(path_);
    ASSERT_TRUE(tables.ok()) << tables.status();
    for (const Record& record : records) {
      const absl::Status taken = (*tables)->Take(*Decode(record), record, names);
      ASSERT_TRUE(taken.ok()) << taken;
    }
    const absl::Status finished = (*tables)->Finish();
    ASSERT_TRUE(finished.ok()) << finished;
  }

  // The rows of a query, "a|b; c|d".
  std::string Ask(const std::string& sql) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    std::string text;
    const auto add = [](void* to, int count, char** values, char**) {
      auto& rows = *static_cast<std::string*>(to);
      if (!rows.empty()) rows += "; ";
      for (int i = 0; i < count; ++i) {
        rows += (i > 0 ? "|" : "") + std::string(values[i] == nullptr ? "-" : values[i]);
      }
      return 0;
    };
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), add, &text, &error), SQLITE_OK)
        << sql << ": " << (error == nullptr ? "" : error);
    sqlite3_free(error);
    sqlite3_close(database);
    return text;
  }

  const std::string path_ = testing::TempDir() + "/tables.db";
  MemoryLog log_;
};

TEST_F(Tables, HaveEveryEventWithItsRecord) {
  const std::string count = std::to_string(EventsOfEveryKind().size());
  EXPECT_EQ(Ask("SELECT count(*), count(DISTINCT sequence) FROM events"), count + "|" + count);
  EXPECT_EQ(Ask("SELECT count(*) FROM events WHERE json_extract(data, '$.sequence') <> sequence"),
            "0");
  const Record record = Encode(EventsOfEveryKind()[0]);
  EXPECT_EQ(Ask("SELECT length(record) FROM events WHERE sequence = 1"),
            std::to_string(record.size() * sizeof(Word)));
  EXPECT_EQ(Ask("SELECT count(*) FROM events WHERE strftime('%s', time) * 1000000 <> time_us"),
            "0");
}

TEST_F(Tables, AnswerWhatPeopleAsk) {
  const struct {
    const char* sql;
    const char* rows;
  } cases[] = {
      {"SELECT epu, engine, cause, size, wanted, launches FROM decisions",
       "crunch|queuelen|scaling|0|2|2"},
      {"SELECT sensor, value, in_progress, error FROM readings ORDER BY sequence",
       "queue|132.25|4.0|-; load|-|-|exit 1"},
      {"SELECT worker, state, running IS NOT NULL, ended IS NOT NULL, machine FROM workers",
       "crunch/1|600-RUNNING|1|0|pid 7; crunch/2|900-FAILED|0|1|-"},
      {"SELECT count(*) FROM workers WHERE running_us > requested_us", "1"},
      {"SELECT count(*) FROM events WHERE kind = 'decision'", "1"},
  };
  for (const auto& [sql, rows] : cases) EXPECT_EQ(Ask(sql), rows) << sql;
}

TEST(TableFile, WhereNothingCanBeWrittenIsSaid) {
  EXPECT_TRUE(absl::IsUnavailable(TableFile::Make("/no/such/place/t.db").status()));
}

}  // namespace
}  // namespace epu

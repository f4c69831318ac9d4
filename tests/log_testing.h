#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "eventlog/check.h"
#include "eventlog/ids.h"
#include "eventlog/log.h"
#include "eventlog/record.h"

// What tests of logs share: records without a meaning, a directory of one's own, reading
// everything.

namespace epu {

// A sealed record of `words` words, at least two, that differs for each `number`.
inline Record MakeRecord(std::uint64_t number, std::size_t words) {
  Record record(words);
  for (std::size_t i = 1; i < words; ++i) record[i] = number * 0x9E3779B97F4A7C15 + i;
  Seal(record);
  return record;
}

// `count` records as MakeRecord makes them, of the numbers that follow `after`.
inline std::vector<Record> MakeRecords(std::uint64_t after, std::size_t count, std::size_t words) {
  std::vector<Record> records;
  for (std::size_t i = 1; i <= count; ++i) records.push_back(MakeRecord(after + i, words));
  return records;
}

// Everything at once, as far as the log goes.
inline constexpr ReadLimit kEverything{SIZE_MAX, SIZE_MAX};

// What a visit came to.
struct Reading {
  absl::StatusOr<Sequence> last;
  std::vector<Sequence> sequences;
  std::vector<Record> records;
};

inline Reading ReadAfter(const EventLog& log, Sequence after, ReadLimit limit) {
  Reading reading;
  reading.last = log.Visit(after, limit, [&](Sequence sequence, RecordView record) {
    reading.sequences.push_back(sequence);
    reading.records.emplace_back(record.begin(), record.end());
    return true;
  });
  return reading;
}

// A directory under /tmp, where paths are short enough for sockets too. Removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char path[] = "/tmp/epu.XXXXXX";
    CHECK(mkdtemp(path) != nullptr);
    path_ = path;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Flips bit `bit` of `record` wherever it lies in `file`: LMDB keeps older copies of a page.
void FlipBitInFile(const std::string& file, const Record& record, std::size_t bit);

}  // namespace epu

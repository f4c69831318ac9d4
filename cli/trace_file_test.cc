#include "cli/trace_file.h"

#include <gtest/gtest.h>

#include <sstream>

namespace epu {
namespace {

using namespace std::chrono_literals;

absl::StatusOr<Trace> Read(const std::string& text, bool skip = false) {
  std::istringstream in(text);
  return ReadTrace(in, {2s, skip});
}

TEST(TraceFile, ReadsTheStandardWorkloadFormat) {
  const auto trace = Read(
      "; Version: 2\n; UnixStartTime: 1000\n\n2 1460 -1 -1 1 -1\n"
      "1 0 -1 1451 128 -1\n");
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->start, Time(1000s));
  ASSERT_EQ(trace->jobs.size(), 2u);
  EXPECT_EQ(trace->jobs[0], (Job{.arrives = Time(1000s), .runs = 1451s}));
  EXPECT_EQ(trace->jobs[1], (Job{.arrives = Time(2460s), .runs = 0s})) << "-1: not known";
}

TEST(TraceFile, SpreadsTheCountsOfACsv) {
  const auto trace = Read(
      "timestamp,value\n2014-04-10 00:00:00,2.0\r\n2014-04-10 00:05:00,0\n"
      "2014-04-10 00:06:00,1\n");
  ASSERT_TRUE(trace.ok()) << trace.status();
  ASSERT_EQ(trace->jobs.size(), 3u);
  EXPECT_EQ(trace->jobs[1].arrives - trace->jobs[0].arrives, 150s);
  EXPECT_EQ(trace->jobs[2].arrives - trace->jobs[0].arrives, 360s);
  EXPECT_EQ(trace->jobs[2].runs, 2s);
}

TEST(TraceFile, NamesTheLineThatIsBad) {
  const struct {
    const char* text;
    const char* error;
  } cases[] = {
      {"", "it is empty"},
      {"; Version: 2\n", "there is no job in it"},
      {"timestamp,value\n", "there is no job in it"},
      {"; x\n1 0 -1 1451\n2 soon\n",
       "line 3: \"2 soon\" is no job of the Standard Workload Format"},
      {"timestamp,value\n2014-04-10 00:04:00\n",
       "line 2: \"2014-04-10 00:04:00\" is no timestamp,value"},
      {"timestamp,value\n2014-04-10 00:04:00,nan\n",
       "line 2: \"2014-04-10 00:04:00,nan\" is no timestamp,value"},
      {"timestamp,value\n2014-04-10 00:04:00,-1\n",
       "line 2: \"2014-04-10 00:04:00,-1\" is no timestamp,value"},
      {"timestamp,value\n2014-04-10 00:04:00,1\n2014-04-10 00:03:00,1\n",
       "line 3: \"2014-04-10 00:03:00,1\" is not after the line before it"},
      {"timestamp,value\n2014-04-10 00:04:00,9999999\n2014-04-10 00:05:00,2\n",
       "line 3: more than 10000000 jobs"},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(Read(text).status().message(), error) << text;
}

TEST(TraceFile, SkipsBadLinesWhereToldTo) {
  const auto trace = Read("1 0 -1 5\nnonsense\n2 3 -1 5\n", true);
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->jobs.size(), 2u);
  ASSERT_EQ(trace->bad_lines.size(), 1u);
  EXPECT_EQ(trace->bad_lines[0], "line 2: \"nonsense\" is no job of the Standard Workload Format");
}

}  // namespace
}  // namespace epu

// The reading verbs as they are typed, on the log of the samples, without a process of their own.

#include <sstream>

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

#include "cli/sample_log_for_tests.h"
#include "cli/verbs.h"

namespace epu {
namespace {

struct Result {
  Exit exit{};
  std::string out;
  std::string err;
};

class ReadingVerbs : public testing::Test {
 protected:
  void SetUp() override { PutSample(sample_); }

  Result Type(std::vector<std::string> words) {
    Options options;
    CLI::App app("", "epumgmt");
    Verbs verbs(app, options);
    AddLookVerbs(verbs);
    AddExplainVerbs(verbs);
    AddProveVerbs(verbs);
    AddToolVerbs(verbs);
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    options.log = "the sample";  // No server is asked.
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Surroundings surroundings;
    surroundings.in = &in;
    surroundings.out = &out;
    surroundings.err = &err;
    surroundings.home = "/nonexistent";
    surroundings.clock = [] { return At(9, 14, 8); };
    surroundings.log = &sample_.log();
    Context context(options, surroundings);
    const Exit exit = verbs.Run(context);
    return {exit, out.str(), err.str()};
  }

  HandmadeLog sample_;
};

TEST_F(ReadingVerbs, AnswerWithTheMomentWhereAPastOneIsAskedFor) {
  EXPECT_EQ(
      Type({"status", "crunch", "--at", "18184"})
          .out.rfind("at 18184, 2026-11-22 09:13:45Z\ncrunch  queuelen  PENDING  4 running", 0),
      0u);
  EXPECT_EQ(
      Type({"why", "crunch", "--at", "09:13"}).out.rfind("at 18171, 2026-11-22 09:13:00Z\n", 0),
      0u);
  EXPECT_EQ(Type({"get", "epus", "--at", "09:13"}).out.rfind("at 18171, ", 0), 0u);
  EXPECT_EQ(Type({"config", "--at", "09:13"}).out.rfind("# at 18171, ", 0), 0u);
}

TEST_F(ReadingVerbs, ListAndFilter) {
  EXPECT_EQ(Type({"get", "workers", "-q", "--epu", "web"}).out, "web/1\nweb/3\nweb/4\n");
  EXPECT_EQ(Type({"-q", "get", "workers", "--state", "PENDING", "--at", "18184"}).out,
            "crunch/12\n");
  EXPECT_EQ(Type({"get", "workers", "-q", "--health", "MISSING"}).out, "");
  EXPECT_EQ(Type({"get", "sensors", "--quiet"}).out, "crunch/queue\n");
  EXPECT_EQ(Type({"get", "sites"}).out,
            "SITE   DRIVER   WORKERS  STATE      LAUNCHING  SINCE  ERROR\n"
            "local  process  8/16     answering  enabled    3h14m  -\n");
  const Result missing = Type({"get", "workers", "crunch/99"});
  EXPECT_EQ(missing.exit, Exit::kTyped);
  EXPECT_EQ(missing.err, "epumgmt: no crunch/99 among the workers\n");
}

TEST_F(ReadingVerbs, ShowTheLastEventsAndSayHowManyWereBefore) {
  const Result last = Type({"history", "-n", "1"});
  EXPECT_EQ(last.out,
            "SEQ    TIME (2026-11-22)  KIND    WHAT\n"
            "18197  09:13:46.020Z      health  crunch/12 OK\n"
            "(18,196 earlier; --all shows them)\n");
  const Result json = Type({"history", "--kind", "reading", "--json"});
  EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'), 2);
  EXPECT_EQ(Type({"history", "crunch/12", "--from", "09:13:46", "--all"}).out,
            "SEQ    TIME (2026-11-22)  KIND    WHAT\n"
            "18196  09:13:46.020Z      worker  crunch/12 500-STARTED → 600-RUNNING\n"
            "18197  09:13:46.020Z      health  crunch/12 OK\n");
}

TEST_F(ReadingVerbs, RefuseWhatIsMistyped) {
  struct Case {
    std::vector<std::string> words;
    std::string err;
  };
  const std::vector<Case> cases = {
      {{"status", "crunsh"}, "epumgmt: no EPU \"crunsh\"; did you mean crunch?\n"},
      {{"history", "crunsh"}, "epumgmt: no EPU \"crunsh\" in this log; did you mean crunch?\n"},
      {{"history", "--kind", "decisoin"},
       "epumgmt: no kind \"decisoin\"; did you mean decision?\n"},
      {{"engines", "queuelem"}, "epumgmt: no engine \"queuelem\"; did you mean queuelen?\n"},
      {{"show", "99999"}, "epumgmt: there is no event 99999\n"},
      {{"show", "0"},
       "epumgmt: \"0\" is no sequence; one is a whole number from 1, as history prints it\n"},
      {{"status", "--at", "noon"},
       "epumgmt: \"noon\" is no time; write 09:12, \"2026-11-22 09:12\", 2026-11-22T09:12:00Z, 15m "
       "(ago) or now\n"},
  };
  for (const Case& c : cases) {
    const Result result = Type(c.words);
    EXPECT_EQ(result.exit, Exit::kTyped) << c.words[1];
    EXPECT_EQ(result.err, c.err);
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(ReadingVerbs, SayWhatIsWrongAsJsonWhereThatIsAskedFor) {
  EXPECT_EQ(Type({"status", "crunsh", "--json"}).err,
            "{\"error\":{\"exit\":1,\"message\":\"no EPU \\\"crunsh\\\"; did you mean crunch?\","
            "\"file\":null,\"line\":null,\"column\":null,\"key\":null}}\n");
}

TEST_F(ReadingVerbs, CheckThatAllIsWell) {
  EXPECT_EQ(Type({"status", "--check", "--at", "18197"}).exit, Exit::kDone);
  const Result pending = Type({"status", "--check", "--at", "18184"});
  EXPECT_EQ(pending.exit, Exit::kRefused);
  EXPECT_EQ(pending.err, "epumgmt: crunch is PENDING\n");
  EXPECT_EQ(Type({"status", "web", "--check", "--at", "18184"}).exit, Exit::kDone);
}

TEST_F(ReadingVerbs, NameADamagedRecord) {
  EXPECT_EQ(Type({"verify"}).exit, Exit::kDone);
  sample_.log().TEST_FlipBit(18181, 99);
  const Result damaged = Type({"verify"});
  EXPECT_EQ(damaged.exit, Exit::kRefused);
  EXPECT_EQ(damaged.err.rfind("epumgmt: log/ is damaged at 18181: stored checksum ", 0), 0u);
}

TEST_F(ReadingVerbs, ExplainTheEngines) {
  EXPECT_NE(Type({"engines"}).out.find("queuelen"), std::string::npos);
  const std::string keys = Type({"engines", "queuelen"}).out;
  for (const std::string key : {"queuelen_high_water", "reading_age_max", "max_instances"}) {
    EXPECT_NE(keys.find(key), std::string::npos) << key;
  }
}

TEST_F(ReadingVerbs, CompleteALineThatHasOptionsInIt) {
  EXPECT_EQ(Type({"__complete", "--", "history", "--kind", "deci"}).out, "decision\n");
  EXPECT_EQ(Type({"__complete", "--", "status", "cr"}).out, "crunch\n");
  EXPECT_EQ(Type({"__complete", "--", "stat"}).out, "status\n");
}

}  // namespace
}  // namespace epu

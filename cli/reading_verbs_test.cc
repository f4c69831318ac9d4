// The reading verbs as they are typed, on the log of the samples, without a process of their own.

#include <algorithm>

#include <gtest/gtest.h>

#include "cli/sample_log_for_tests.h"
#include "cli/typed_for_tests.h"

namespace epu {
namespace {

class ReadingVerbs : public testing::Test {
 protected:
  void SetUp() override { PutSample(sample_); }

  Typed Type(const std::vector<std::string>& words) { return TypeOn(sample_.log(), words); }

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
  EXPECT_EQ(Type({"-q", "get", "workers", "--state", "400", "--at", "18184"}).out, "crunch/12\n");
  EXPECT_EQ(Type({"-q", "get", "workers", "--state", "pending", "--at", "18184"}).out,
            "crunch/12\n");
  EXPECT_EQ(Type({"get", "workers", "-q", "--health", "MISSING"}).out, "");
  EXPECT_EQ(Type({"get", "sensors", "--quiet"}).out, "crunch/queue\n");
  EXPECT_EQ(Type({"get", "sites"}).out,
            "SITE   DRIVER   WORKERS  STATE      LAUNCHING  SINCE  ERROR\n"
            "local  process  8/16     answering  enabled    3h14m  -\n");
  const Typed missing = Type({"get", "workers", "crunch/99"});
  EXPECT_EQ(missing.exit, Exit::kTyped);
  EXPECT_EQ(missing.err, "epumgmt: no crunch/99 among the workers\n");
}

TEST_F(ReadingVerbs, ListStrangers) {
  EXPECT_EQ(Type({"get", "strangers"}).out, "STRANGER  SITE  MACHINE  STATE  SINCE  WHY\n");
  sample_.Put(18198, At(9, 14, 6),
              StrangerChanged{kLocalSite, {0x77aa, 3}, "pid 7", StrangerFate::kUndecided});
  sample_.Put(18199, At(9, 14, 7),
              StrangerChanged{kLocalSite, {0x77aa, 4}, "pid 8", StrangerFate::kAdopted});
  EXPECT_EQ(Type({"get", "strangers"}).out,
            "STRANGER     SITE   MACHINE  STATE      SINCE  WHY\n"
            "k3f9-77aa-3  local  pid 7    undecided  2s     18198\n"
            "k3f9-77aa-4  local  pid 8    adopted    1s     18199\n");
  EXPECT_EQ(Type({"get", "strangers", "-q", "--state", "ADOPTED"}).out, "k3f9-77aa-4\n");
  const std::string unexplained =
      "1 machine from another history of this log is left alone; epumgmt get strangers lists it\n";
  EXPECT_NE(Type({"status"}).out.find("strangers  " + unexplained), std::string::npos);
  EXPECT_EQ(Type({"status", "--check"}).err, "epumgmt: " + unexplained);
}

TEST_F(ReadingVerbs, TellWhatChangedBetweenTwoMoments) {
  const std::string changes = Type({"diff", "--at", "18180", "--at", "18197"}).out;
  EXPECT_EQ(changes.rfind("from 18180, 2026-11-22 09:13:45Z to 18197, 2026-11-22 09:13:46Z: 17 "
                          "events\n",
                          0),
            0u)
      << changes;
  for (const std::string_view line :
       {"~ epu crunch  wanted  4 → 5\n", "~ epu crunch  running  4 → 5\n",
        "+ worker crunch/12  600-RUNNING\n"}) {
    EXPECT_NE(changes.find(line), std::string::npos) << line << changes;
  }
  EXPECT_EQ(changes.find("web"), std::string::npos) << changes;
  const std::string back = Type({"diff", "--at", "18197", "--at", "18197"}).out;
  EXPECT_NE(back.find("0 events\nnothing changed\n"), std::string::npos) << back;
  const struct {
    std::vector<std::string> words;
    std::string complaint;
  } wrong[] = {
      {{"diff", "--at", "18197", "--at", "18180"},
       "epumgmt: the second moment, 18180, is before the first, 18197\n"},
      {{"diff", "--at", "1", "--at", "2", "--at", "3"},
       "epumgmt: 3 moments; diff compares two: --at A --at B\n"},
      {{"diff", "--at", "99999"}, "epumgmt: there is no event 99999 yet; the last is 18197\n"},
  };
  for (const auto& [words, complaint] : wrong) {
    EXPECT_EQ(Type(words).exit, Exit::kTyped) << complaint;
    EXPECT_EQ(Type(words).err, complaint);
  }
}

TEST_F(ReadingVerbs, ShowTheLastEventsAndSayHowManyWereBefore) {
  const Typed last = Type({"history", "-n", "1"});
  EXPECT_EQ(last.out,
            "SEQ    TIME (2026-11-22)  KIND    WHAT\n"
            "18197  09:13:46.020Z      health  crunch/12 OK\n"
            "(18,196 earlier; --all shows them)\n");
  const Typed json = Type({"history", "--kind", "reading", "--json"});
  EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'), 2);
  EXPECT_EQ(Type({"history", "crunch/12", "--from", "09:13:46", "--all"}).out,
            "SEQ    TIME (2026-11-22)  KIND    WHAT\n"
            "18196  09:13:46.020Z      worker  crunch/12 500-STARTED → 600-RUNNING\n"
            "18197  09:13:46.020Z      health  crunch/12 OK\n");
}

TEST_F(ReadingVerbs, PrintNamesAloneWhereTheyAreQuiet) {
  EXPECT_EQ(Type({"status", "-q"}).out, "crunch\nweb\n");
  EXPECT_EQ(Type({"history", "crunch/12", "-q", "-n", "2"}).out, "18196\n18197\n");
  EXPECT_EQ(Type({"history", "--kind", "decision", "-q", "--at", "09:13"}).out.substr(0, 3),
            "20\n");
}

TEST_F(ReadingVerbs, ShowAnEventAsItStoodThen) {
  EXPECT_EQ(
      Type({"show", "18181", "--at", "18182"}).out.rfind("at 18182, 2026-11-22 09:13:45Z\n", 0),
      0u);
  EXPECT_EQ(Type({"show", "18181", "--at", "18180"}).err, "epumgmt: there is no event 18181\n");
}

TEST_F(ReadingVerbs, DrawWhyAsAGraph) {
  const std::string graph = Type({"why", "crunch/12", "--dot"}).out;
  EXPECT_EQ(graph.rfind("digraph why {\n", 0), 0u);
  EXPECT_NE(graph.find("n0 [label=\"crunch/12 is 600-RUNNING on local"), std::string::npos);
  EXPECT_NE(
      graph.find("[label=\"policy   16902  08:02:11 apply by ops \\\"raise for the quarter end"),
      std::string::npos);
  EXPECT_NE(graph.find("  n0 -> n1;\n"), std::string::npos);
  EXPECT_EQ(graph.substr(graph.size() - 2), "}\n");
  EXPECT_EQ(Type({"why", "crunch/12", "--dot", "--json"}).exit, Exit::kTyped);
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
      {{"get", "workers", "--state", "RUNING"},
       "epumgmt: --state is \"RUNING\"; did you mean RUNNING?\n"},
      {{"get", "workers", "--state", "601"},
       "epumgmt: --state is \"601\"; it is one of REQUESTED, ERROR_RETRYING, PENDING, STARTED, "
       "RUNNING, RUNNING_FAILED, TERMINATING, TERMINATED, FAILED, REJECTED\n"},
      {{"get", "epus", "--state", "stabel"},
       "epumgmt: --state is \"stabel\"; did you mean STABLE?\n"},
      {{"get", "workers", "--health", "MISING"},
       "epumgmt: --health is \"MISING\"; did you mean MISSING?\n"},
      {{"get", "sensors", "--health", "OK"},
       "epumgmt: get sensors has no --health; what narrows it: --epu\n"},
      {{"get", "sites", "--epu", "web"},
       "epumgmt: get sites has no --epu; what narrows it: --site, --state\n"},
      {{"get", "workers", "--epu", "wep"},
       "epumgmt: no EPU \"wep\"; epumgmt get epus lists them\n"},
      {{"engines", "queuelem"}, "epumgmt: no engine \"queuelem\"; did you mean queuelen?\n"},
      {{"logs", "crunch/12", "--at", "09:12"},
       "epumgmt: logs has no past: what crunch/12 printed carries no times; epumgmt logs crunch/12 "
       "prints all of it, epumgmt why crunch/12 --at 09:12 tells how it was then\n"},
      {{"show", "99999"}, "epumgmt: there is no event 99999\n"},
      {{"show", "0"},
       "epumgmt: \"0\" is no sequence; one is a whole number from 1, as history prints it\n"},
      {{"status", "--at", "noon"},
       "epumgmt: \"noon\" is no time; write 09:12, \"2026-11-22 09:12\", 2026-11-22T09:12:00Z, 15m "
       "(ago) or now\n"},
  };
  for (const Case& c : cases) {
    const Typed result = Type(c.words);
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
  const Typed pending = Type({"status", "--check", "--at", "18184"});
  EXPECT_EQ(pending.exit, Exit::kRefused);
  EXPECT_EQ(pending.err, "epumgmt: crunch is PENDING\n");
  EXPECT_EQ(Type({"status", "web", "--check", "--at", "18184"}).exit, Exit::kDone);
}

TEST_F(ReadingVerbs, NameADamagedRecord) {
  EXPECT_EQ(Type({"verify"}).exit, Exit::kDone);
  sample_.log().TEST_FlipBit(18181, 99);
  const Typed damaged = Type({"verify"});
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

TEST_F(ReadingVerbs, TellByWhichEnginesPoolsWereDecidedFor) {
  EXPECT_EQ(Type({"engines", "--at", "18184"}).out,
            "at 18184, 2026-11-22 09:13:45Z\n"
            "EPU     ENGINE       VERSION  DECISION  THIS BUILD\n"
            "crunch  queuelen     1        18181     1\n"
            "web     npreserving  1        16501     1\n");
  EXPECT_EQ(Type({"engines", "queuelen", "--at", "18184", "-q"}).out, "crunch\n");
  EXPECT_EQ(Type({"engines", "--at", "99999"}).exit, Exit::kTyped);
}

TEST_F(ReadingVerbs, CompleteALineThatHasOptionsInIt) {
  EXPECT_EQ(Type({"__complete", "--", "history", "--kind", "deci"}).out, "decision\n");
  EXPECT_EQ(Type({"__complete", "--", "status", "cr"}).out, "crunch\n");
  EXPECT_EQ(Type({"__complete", "--", "stat"}).out, "status\n");
}

}  // namespace
}  // namespace epu

#include "cli/man_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/verbs.h"

namespace epu {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct PaintArguments {
  std::string what;
  int coats = 1;
};

void BindPaint(CLI::App& app, PaintArguments& arguments) {
  app.add_option("what", arguments.what, "what is painted; .hidden files too")->required();
  app.add_option("-c,--coats", arguments.coats, "how many coats (1)")->type_name("N");
}

Exit RunPaint(Context&, const PaintArguments&) { return Exit::kDone; }

struct Program {
  Program() {
    verbs.Add<PaintArguments>({"paint", VerbGroup::kLook, "put paint on a thing, once or more",
                               "  epumgmt paint \\back\n  epumgmt paint boat -c 2\n"},
                              &BindPaint, &RunPaint);
  }
  Options options;
  CLI::App app{"", "epumgmt"};
  Verbs verbs{app, options};
};

TEST(ManPage, OfAVerbHasWhatItsHelpHas) {
  const Program program;
  const std::string page =
      ManPage(program.verbs.Listed().front(), *program.verbs.Find("paint"), program.app);
  EXPECT_THAT(page, StartsWith(".TH \"epumgmt\\-paint\" 1 "));
  EXPECT_THAT(page,
              HasSubstr(".SH NAME\nepumgmt\\-paint \\- put paint on a thing, once or more\n"));
  EXPECT_THAT(page, HasSubstr("\\fBepumgmt\\fR \\fBpaint\\fR [\\fIOPTION\\fR]... \\fIWHAT\\fR\n"));
  EXPECT_THAT(page,
              HasSubstr(".TP\n\\fB\\-c\\fR, \\fB\\-\\-coats\\fR \\fIN\\fR\nhow many coats (1)"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-timeout\\fR \\fIDUR\\fR\n")) << "an option of all";
  EXPECT_THAT(page, HasSubstr("  epumgmt paint \\eback\n  epumgmt paint boat \\-c 2\n.fi\n"));
}

TEST(ManPage, OfTheProgramListsItsVerbsOptionsAndExits) {
  const Program program;
  const std::string page = ManPage(program.verbs, program.app);
  EXPECT_THAT(page, HasSubstr(".TP\n\\fBpaint\\fR\nput paint on a thing, once or more.\n"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-r\\fR, \\fB\\-\\-run\\fR \\fINAME\\fR\nwhich run"));
  EXPECT_THAT(page, HasSubstr(".TP\n\\fB123\\fR\nwait gave up.\n"));
  EXPECT_THAT(page, HasSubstr("\\fBepumgmt\\-paint\\fR(1)\n"));
}

TEST(ManPage, HasNoLineThatIsARequestUnmeant) {
  const Program program;
  const std::string pages =
      ManPage(program.verbs, program.app) +
      ManPage(program.verbs.Listed().front(), *program.verbs.Find("paint"), program.app);
  std::istringstream lines(pages);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '\'') ADD_FAILURE() << "\"" << line << "\"";
    if (!line.starts_with(".")) continue;
    EXPECT_THAT(line, testing::ContainsRegex("^\\.(TH|SH|TP|P|nf|fi)( |$)"));
  }
}

TEST(ManPages, OfAProgramWithoutVerbsHaveItsOptions) {
  CLI::App app("", "epud");
  bool flag = false;
  app.add_flag("--take-over", flag, "the server there is gone");
  const std::string page =
      ProgramManPage("epud", "serves a run", "In the foreground.", app, "  epud\n");
  EXPECT_EQ(page.rfind(".TH \"epud\" 1", 0), 0u);
  EXPECT_NE(page.find("epud \\- serves a run\n"), std::string::npos);
  EXPECT_NE(page.find("\\fB\\-\\-take\\-over\\fR\nthe server there is gone\n"), std::string::npos);
  EXPECT_EQ(page.find("--"), std::string::npos) << "an unescaped dash";
  EXPECT_NE(AgentManPage().find("epu\\-agent \\- runs beside one worker"), std::string::npos);
}

}  // namespace
}  // namespace epu

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/context.h"

// The table of epumgmt's verbs. A verb is a struct of its arguments, a function that binds them to
// the command line, and a function that runs it:
//
//   struct KillArguments {
//     std::vector<std::string> what;
//   };
//   void BindKill(CLI::App& app, KillArguments& arguments) {
//     app.add_option("what", arguments.what, "WORKER… | N EPU")->required();
//   }
//   Exit RunKill(Context& context, const KillArguments& arguments);
//
//   verbs.Add<KillArguments>({"kill", VerbGroup::kChange, "end these workers; …", kExamples},
//                            &BindKill, &RunKill);
//
// What is typed wrong in a way that CLI11 cannot see (an EPU's name, a time) is the running
// function's to refuse, with Context::Fail(Exit::kTyped, …).

namespace epu {

// The groups of the help, in its order. Verbs of kChange, kEnd and kLaunch also take -m, --yes and
// --id. kHidden is for other programs (completion) and is not listed.
enum class VerbGroup { kLook, kExplain, kChange, kEnd, kProve, kLaunch, kTools, kHidden };

struct VerbText {
  std::string_view name;  // One word, or two: "launch boot".
  VerbGroup group{};
  std::string_view sentence;  // "end these workers; the policy replaces them"
  std::string_view examples;  // Whole command lines, each with its line end.
};

// Owns the arguments of all verbs; CLI11 writes into them while parsing.
class Verbs {
 public:
  // Gives `app` the global options, to be written into `options`. Both outlive this.
  Verbs(CLI::App& app, Options& options);
  Verbs(const Verbs&) = delete;
  Verbs& operator=(const Verbs&) = delete;
  ~Verbs();

  // Adds a verb: `bind` is called at once, `run` when it was the one that was typed. Returns its
  // arguments, which live as long as this.
  template <typename Arguments>
  Arguments& Add(const VerbText& text, void (*bind)(CLI::App&, Arguments&),
                 Exit (*run)(Context&, const Arguments&)) {
    auto action = std::make_unique<ActionWith<Arguments>>(run);
    Arguments& arguments = action->arguments;
    bind(AddCommand(text), arguments);
    entries_.back().action = std::move(action);
    return arguments;
  }

  // Runs the verb that was typed. REQUIRES: the command line was parsed, and there was one.
  Exit Run(Context& context) const;

  // Those that are listed, in the order of their groups.
  std::vector<VerbText> Listed() const;

  // The help of the whole program: groups, verbs, global options.
  std::string Help() const;

  // The command of a verb; null where there is none. For completion, which offers its options.
  const CLI::App* Find(std::string_view name) const;

 private:
  struct Action {
    virtual ~Action() = default;
    virtual Exit Run(Context& context) const = 0;
  };
  template <typename Arguments>
  struct ActionWith final : Action {
    explicit ActionWith(Exit (*run_with)(Context&, const Arguments&)) : run(run_with) {}
    Exit Run(Context& context) const override { return run(context, arguments); }
    Arguments arguments;
    Exit (*run)(Context&, const Arguments&);
  };
  struct Entry {
    VerbText text;
    CLI::App* app = nullptr;
    std::unique_ptr<Action> action;
  };

  // A subcommand of `app_` with the verb's help and, for changing verbs, their common options.
  CLI::App& AddCommand(const VerbText& text);

  // Where a verb of two words belongs; made with the first of its kind.
  CLI::App& ParentOf(const VerbText& text);

  CLI::App& app_;
  Options& options_;
  std::vector<Entry> entries_;
};

// The verbs by group; each function stands in a file of its own.
void AddLookVerbs(Verbs& verbs);     // verb_look.cc
void AddExplainVerbs(Verbs& verbs);  // verb_explain.cc
void AddChangeVerbs(Verbs& verbs);   // verb_change.cc: groups kChange and kEnd
void AddProveVerbs(Verbs& verbs);    // verb_prove.cc
void AddLaunchVerbs(Verbs& verbs);   // verb_launch.cc
void AddToolVerbs(Verbs& verbs);     // verb_tools.cc

// The verb that was typed, and its whole name; null where none was.
const CLI::App* TypedVerb(const CLI::App& app);
std::string NameOfVerb(const CLI::App& app, const CLI::App& verb);

}  // namespace epu

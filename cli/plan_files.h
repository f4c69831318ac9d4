#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/ini_file.h"
#include "cli/launch_plan.h"

namespace epu {

// A value, and where it is said.
struct Said {
  std::string value;
  std::string file;
  int line = 0;
};

// The files of a plan that is being read: what is wrong with them, and what their values come to,
// goes into the plan.
class PlanFiles {
 public:
  // Both outlive this.
  PlanFiles(const LaunchPlanOptions& options, LaunchPlan& plan) : options_(options), plan_(plan) {}

  IniFile Load(const std::string& path);

  // Each once: what services inherit is looked at for each of them.
  void Fault(const Said& at, const std::string& key, std::string message);
  void Warn(const std::string& file, int line, const std::string& key, std::string message);

  // A value, with an "env." taken from the environment.
  Said Resolved(const IniEntry& entry, const std::string& file);

  // What a value names as a path, seen from the file `beside`, whoever says it: the default of a
  // program is another file for each level whose directory is another. Empty for an empty one.
  std::string PathOf(const Said& said, const std::string& beside) const;

  // The same of a file that is to be there.
  std::string FileOf(const Said& said, const std::string& key, const std::string& beside);

  // "True" or "False", as the original takes them.
  bool Truth(const Said& said, const std::string& key, bool otherwise);
  int Whole(const Said& said, const std::string& key, int otherwise, int least, int most);

  // A variable as the log may hold it: a secret's text goes apart. What is a reference and nothing
  // else is none: it leads to one.
  Variable Keep(const std::string& owner, const std::string& name, const std::string& value);

 private:
  void Add(std::vector<Complaint>& complaints, Complaint complaint);

  const LaunchPlanOptions& options_;
  LaunchPlan& plan_;
  std::set<std::string> told_;
};

}  // namespace epu

#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/names.h"
#include "cli/svg_plot.h"
#include "cli/zone.h"
#include "projections/state.h"

// What happened to one EPU over some time, as a page for people who were not there: its queue, its
// workers by state, the decisions with their reasons, what was configured, what failed. Pure, but
// for names.

namespace epu {

class Report {
 public:
  // Of `pool` as it stands at `from`. `names` outlives this.
  Report(const Epu& pool, Time from, Names& names, Zone zone);

  // Takes the next event of the EPU.
  void Take(const Event& event);

  struct Facts {
    std::string title;                // "crunch from …"
    std::vector<std::string> ledger;  // Lines about the machines that may be open.
    std::string checkpoint;           // What the log is; empty where that is not told.
  };

  // The page: it needs nothing from elsewhere.
  std::string Page(const Facts& facts, Time end) const;

 private:
  struct Row {
    Sequence sequence = 0;
    Time time{};
    std::string what;
    std::string more;  // Inputs of a decision, author and note of a change.
  };

  void NoteWorkers(Time time);
  void TakeDecision(const Event& event, const DecisionMade& fact);
  std::string Tables() const;
  Plot QueuePlot(Time end) const;
  Plot WorkersPlot(Time end) const;

  Names& names_;
  const Zone zone_;
  const Time from_;
  SensorNumber queue_{};
  std::string sensor_;  // Its name; empty: there is none.
  std::vector<PlotLevel> levels_;
  std::map<WorkerNumber, WorkerState> workers_;
  std::vector<PlotPoint> readings_;
  std::vector<PlotPoint> starting_, running_, ending_;
  std::vector<PlotMark> marks_;
  std::vector<Row> decisions_, changes_, failures_;
};

// Rows of one table of the page; what is more is said, and left to `history`.
inline constexpr std::size_t kReportRowsMax = 1'000;

}  // namespace epu

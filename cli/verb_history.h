#pragma once

#include "cli/verbs.h"

// The parts of AddLookVerbs that stand in files of their own.

namespace epu {

void AddStatusVerb(Verbs& verbs);    // status: verb_status.cc
void AddGetVerb(Verbs& verbs);       // get: verb_get.cc
void AddHistoryVerbs(Verbs& verbs);  // history, tail, show: verb_history.cc
void AddLogsVerb(Verbs& verbs);      // logs: verb_logs.cc
void AddEnginesVerb(Verbs& verbs);   // engines: verb_engines.cc

}  // namespace epu

#include "cli/completion.h"

#include <algorithm>
#include <array>

#include "cli/list_filter.h"
#include "eventlog/event.h"

namespace epu {
namespace {

constexpr std::string_view kBash = R"(# epumgmt for bash: source <(epumgmt completion bash)
_epumgmt() {
  local IFS=$'\n'
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(epumgmt __complete -- "${words[@]}" 2>/dev/null))
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _epumgmt epumgmt
)";

constexpr std::string_view kZsh = R"(#compdef epumgmt
# epumgmt for zsh: source <(epumgmt completion zsh)
_epumgmt() {
  local -a offers
  offers=("${(@f)$(epumgmt __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  offers=(${offers:#})
  if (( ${#offers} )); then compadd -S '' -- $offers; else _files; fi
}
compdef _epumgmt epumgmt
)";

constexpr std::string_view kFish = R"(# epumgmt for fish: epumgmt completion fish | source
complete -c epumgmt -a '(epumgmt __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
)";

using Offers = std::vector<std::string>;

bool IsOption(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

bool Contains(const Offers& offers, std::string_view word) {
  return std::find(offers.begin(), offers.end(), word) != offers.end();
}

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void AddEpus(const State& state, Offers& offers) {
  for (const auto& [number, epu] : state.epus) {
    if (!epu.removed) offers.push_back(epu.definition.name);
  }
}

void AddWorkers(const State& state, Offers& offers) {
  for (const auto& [number, epu] : state.epus) {
    for (const auto& [worker, rest] : epu.workers) offers.push_back(WorkerName(epu, worker));
  }
}

void AddSensors(const State& state, Offers& offers) {
  for (const auto& [number, epu] : state.epus) {
    for (const auto& [sensor, rest] : epu.sensors) {
      offers.push_back(epu.definition.name + "/" + rest.definition.name);
    }
  }
}

void AddSites(const State& state, Offers& offers) {
  for (const auto& [number, site] : state.sites) offers.push_back(site.definition.name);
}

void AddStrangers(const State& state, Offers& offers) {
  for (const auto& [launch, stranger] : state.strangers) offers.push_back(TokenOf(state, launch));
}

void AddKeys(const State& state, const std::string& epu_name, const EngineCatalog& catalog,
             Offers& offers) {
  const Epu* epu = FindEpu(state, epu_name);
  const EngineEntry* engine =
      epu == nullptr ? nullptr : FindEngine(catalog, epu->definition.engine);
  if (engine == nullptr) return;
  for (const Key& key : engine->keys) offers.push_back(std::string(key.name) + "=");
}

// What may follow an option.
Offers ValuesOf(std::string_view option, const State& state) {
  Offers offers;
  if (option == "--kind") offers.assign(KindNames().begin(), KindNames().end());
  if (option == "--epu") AddEpus(state, offers);
  if (option == "--site") AddSites(state, offers);
  if (option == "--color") offers = {"auto", "always", "never"};
  if (option == "--actor") {
    offers.push_back("epud");
    for (const Actor& actor : state.actors) offers.push_back(actor.name);
  }
  if (option == "--state") {
    for (const ListKind& kind : ListKinds()) {
      for (const std::string_view name : kind.states) {
        offers.emplace_back(name.substr(name.find('-') + 1));
      }
    }
  }
  if (option == "--health") {
    offers = {"OK", "UNKNOWN", "MONITOR_ERROR", "PROCESS_ERROR", "MISSING", "ZOMBIE"};
  }
  return offers;
}

// What may stand as the next argument of a verb, behind `given`.
Offers ArgumentsOf(std::string_view verb, const Offers& given,
                   const std::vector<VerbOptions>& verbs, const State& state,
                   const EngineCatalog& catalog) {
  Offers offers;
  if (IsOneOf(verb, {"status", "config", "remove", "wait", "pause", "resume", "revert", "why-not",
                     "shadow", "whatif", "report"})) {
    if (given.empty()) AddEpus(state, offers);
  } else if (IsOneOf(verb, {"history", "tail", "why"})) {
    if (!given.empty()) return offers;
    AddEpus(state, offers);
    AddWorkers(state, offers);
    AddSensors(state, offers);
  } else if (verb == "logs") {
    if (given.empty()) AddWorkers(state, offers);
  } else if (verb == "get") {
    if (given.empty()) return {"epus", "workers", "sites", "sensors", "strangers"};
    if (given.front() == "epus") AddEpus(state, offers);
    if (given.front() == "workers") AddWorkers(state, offers);
    if (given.front() == "sites") AddSites(state, offers);
    if (given.front() == "sensors") AddSensors(state, offers);
    if (given.front() == "strangers") AddStrangers(state, offers);
  } else if (IsOneOf(verb, {"adopt", "collect"})) {
    AddStrangers(state, offers);
  } else if (verb == "engines") {
    for (const EngineEntry& entry : catalog) offers.emplace_back(entry.name);
  } else if (verb == "reconfigure") {
    if (given.empty())
      AddEpus(state, offers);
    else
      AddKeys(state, given.front(), catalog, offers);
  } else if (verb == "kill") {
    AddWorkers(state, offers);
    if (given.size() == 1) AddEpus(state, offers);
  } else if (verb == "sensor") {
    if (given.empty()) return {"put"};
    if (given.size() == 1) AddSensors(state, offers);
  } else if (IsOneOf(verb, {"disable", "enable"})) {
    AddSites(state, offers);
  } else if (verb == "man") {
    for (const VerbOptions& each : verbs) offers.push_back(each.name);
  } else if (verb == "completion") {
    return {"bash", "zsh", "fish"};
  }
  return offers;
}

const VerbOptions* FindVerb(const std::vector<VerbOptions>& verbs, std::string_view name) {
  const auto found = std::find_if(verbs.begin(), verbs.end(),
                                  [&](const VerbOptions& verb) { return verb.name == name; });
  return found == verbs.end() ? nullptr : &*found;
}

// The first word of a verb of two; the whole of one.
std::string_view FirstWord(std::string_view verb) { return verb.substr(0, verb.find(' ')); }

// Whether verbs of two words begin with this one.
bool IsPrefix(const std::vector<VerbOptions>& verbs, std::string_view word) {
  return std::any_of(verbs.begin(), verbs.end(), [&](const VerbOptions& verb) {
    return verb.name != FirstWord(verb.name) && FirstWord(verb.name) == word;
  });
}

// A typed line, taken apart.
struct Line {
  const VerbOptions* verb = nullptr;
  std::string prefix;  // The first word of a verb of two.
  Offers arguments;    // Behind the verb.
  std::string option;  // Whose value is due now.
};

Line TakeApart(const std::vector<std::string>& words, const std::vector<VerbOptions>& verbs) {
  Line line;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (IsOption(word)) {
      // Before the verb is known, the first verb knows the options that every verb has.
      const VerbOptions* verb = line.verb != nullptr ? line.verb : &verbs.front();
      if (!Contains(verb->with_values, word)) continue;
      if (i + 2 == words.size()) line.option = word;
      ++i;
    } else if (line.verb == nullptr && line.prefix.empty() && IsPrefix(verbs, word)) {
      line.prefix = word;
    } else if (line.verb == nullptr) {
      line.verb = FindVerb(verbs, line.prefix.empty() ? word : line.prefix + " " + word);
    } else {
      line.arguments.push_back(word);
    }
  }
  return line;
}

}  // namespace

std::vector<std::string> Complete(const std::vector<std::string>& words,
                                  const std::vector<VerbOptions>& verbs, const State& state,
                                  const EngineCatalog& catalog) {
  if (words.empty() || verbs.empty()) return {};
  const std::string& typed = words.back();
  const Line line = TakeApart(words, verbs);
  Offers offers;
  if (!line.option.empty()) {
    offers = ValuesOf(line.option, state);
  } else if (!typed.empty() && typed.front() == '-') {
    offers = (line.verb != nullptr ? line.verb : &verbs.front())->options;
  } else if (line.verb == nullptr) {
    for (const VerbOptions& verb : verbs) {
      if (line.prefix.empty()) {
        offers.emplace_back(FirstWord(verb.name));
      } else if (verb.name.starts_with(line.prefix + " ")) {
        offers.push_back(verb.name.substr(line.prefix.size() + 1));
      }
    }
  } else {
    offers = ArgumentsOf(line.verb->name, line.arguments, verbs, state, catalog);
  }
  std::erase_if(offers, [&](const std::string& offer) { return offer.rfind(typed, 0) != 0; });
  std::sort(offers.begin(), offers.end());
  offers.erase(std::unique(offers.begin(), offers.end()), offers.end());
  return offers;
}

std::string_view CompletionScript(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace epu

#include "commands/service_values.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "projections/references.h"
#include "projections/shell_words.h"

namespace epu {
namespace {

constexpr std::string_view kGlobal = "global";
constexpr std::string_view kRunName = "run_name";

// Where references of one service find what they name. A secret that cannot be read is remembered:
// it is no attribute that is missing.
class Source {
 public:
  Source(const Launch& launch, const Service& self, const std::string& run_name,
         const SecretSource& secrets)
      : launch_(launch), self_(self), run_name_(run_name), secrets_(secrets) {}

  std::optional<std::string> Find(std::string_view owner, std::string_view name) {
    if (owner == kGlobal) {
      const Variable* variable = FindVariable(launch_.globals, name);
      return variable == nullptr ? std::nullopt : TextOf(*variable);
    }
    const bool is_self = owner == self_.definition.name;
    const Service* service = is_self ? &self_ : FindService(launch_, owner);
    if (service == nullptr) return std::nullopt;
    if (name == kRunName) return run_name_;
    const std::optional<Variable> variable = FindAttribute(*service, name);
    return variable ? TextOf(*variable) : std::nullopt;
  }

  std::optional<std::string> TextOf(const Variable& variable) {
    if (!variable.secret) return variable.value;
    absl::StatusOr<std::string> text = secrets_(variable.value);
    if (text.ok()) {
      told_.push_back(*text);
      return *std::move(text);
    }
    fault_.Update(text.status());
    return std::nullopt;
  }

  const absl::Status& fault() const { return fault_; }
  std::vector<std::string> TakeSecrets() { return std::move(told_); }

 private:
  const Launch& launch_;
  const Service& self_;
  const std::string& run_name_;
  const SecretSource& secrets_;
  std::vector<std::string> told_;  // Secrets that were filled in.
  absl::Status fault_;
};

// Fills one text after another, and keeps the first thing that was wrong.
class Filler {
 public:
  Filler(Source& source, std::string name) : source_(source), name_(std::move(name)) {}

  std::string Fill(std::string_view text, std::string_view what) {
    absl::StatusOr<std::string> filled =
        FillReferences(text, name_, [this](std::string_view owner, std::string_view attribute) {
          return source_.Find(owner, attribute);
        });
    if (filled.ok()) return *std::move(filled);
    Note(source_.fault().ok() ? filled.status() : source_.fault(), what);
    return "";
  }

  std::vector<std::string> FillWords(const std::string& line, std::string_view what) {
    absl::StatusOr<std::vector<std::string>> words = SplitShellWords(line);
    if (!words.ok()) {
      Note(words.status(), what);
      return {};
    }
    for (std::string& word : *words) word = Fill(word, what);
    return *std::move(words);
  }

  void Note(const absl::Status& status, std::string_view what) {
    fault_.Update(absl::InvalidArgumentError(
        fmt::format("{}: {}: {}", name_, what, std::string(status.message()))));
  }

  const absl::Status& fault() const { return fault_; }

 private:
  Source& source_;
  const std::string name_;
  absl::Status fault_;
};

void FillAttributes(const Service& service, Source& source, Filler& filler, ServiceValues& values) {
  const auto add = [&](const Variable& variable) {
    for (const auto& [name, value] : values.attributes) {
      if (name == variable.name) return;
    }
    const std::string what = "attribute " + variable.name;
    const std::optional<std::string> text = source.TextOf(variable);
    if (!text) filler.Note(source.fault(), what);
    values.attributes.emplace_back(variable.name, filler.Fill(text.value_or(""), what));
  };
  for (const char* name : {"hostname", "instance_id"}) {
    if (const std::optional<Variable> value = FindAttribute(service, name)) add(*value);
  }
  for (const Variable& variable : service.attributes) add(variable);
  for (const Variable& variable : service.definition.attributes) add(variable);
}

}  // namespace

const ServiceProgram& ProgramOf(const ServiceDefinition& definition, ServiceStep step) {
  static const ServiceProgram none;
  switch (step) {
    case ServiceStep::kBoot:
      return definition.boot;
    case ServiceStep::kReady:
      return definition.ready;
    case ServiceStep::kTerminate:
      return definition.terminate;
    case ServiceStep::kMachine:
    case ServiceStep::kReach:
    case ServiceStep::kEnd:
      return none;
  }
  return none;
}

absl::StatusOr<ServiceValues> ValuesOf(const Launch& launch, const Service& service,
                                       ServiceStep step, const std::string& run_name,
                                       const SecretSource& secrets) {
  ServiceValues values;
  Source source(launch, service, run_name, secrets);
  Filler filler(source, service.definition.name);
  if (step == ServiceStep::kEnd) {
    // What leads nowhere keeps nothing from its end.
    const std::optional<Variable> host = FindAttribute(service, "hostname");
    if (host) values.hostname = filler.Fill(host->value, "hostname");
    return values;
  }
  if (step == ServiceStep::kMachine) return values;
  if (const std::optional<Variable> host = FindAttribute(service, "hostname")) {
    values.hostname = filler.Fill(host->value, "hostname");
  }
  const ServiceProgram& program = ProgramOf(service.definition, step);
  if (!program.path.empty()) {
    values.attributes.emplace_back(kRunName, run_name);
    FillAttributes(service, source, filler, values);
    values.program.path = filler.Fill(program.path, "path of its program");
    values.arguments = filler.FillWords(program.arguments, "arguments of its program");
  }
  if (!filler.fault().ok()) return filler.fault();
  values.secrets = source.TakeSecrets();
  return values;
}

// Longer ones first: one may be a part of another.
std::string MaskSecrets(std::string text, const std::vector<std::string>& secrets) {
  constexpr std::string_view kMask = "(secret)";
  std::vector<std::string> longest = secrets;
  std::sort(longest.begin(), longest.end(), [](const std::string& left, const std::string& right) {
    return left.size() > right.size();
  });
  for (const std::string& secret : longest) {
    if (secret.size() < kSecretShown) continue;
    for (std::size_t at = text.find(secret); at != text.npos;
         at = text.find(secret, at + kMask.size())) {
      text.replace(at, secret.size(), kMask);
    }
  }
  return text;
}

}  // namespace epu

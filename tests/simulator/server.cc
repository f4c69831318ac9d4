#include "tests/simulator/server.h"

namespace epu::sim {
namespace {

constexpr std::size_t kInboxMax = 64;  // Small, so that it is full at times.

}  // namespace

Server::Server(Surroundings surroundings)
    : surroundings_(surroundings),
      writer_(surroundings.log, surroundings.clock, surroundings.catalog),
      provisioners_(surroundings.sites.size()) {}

absl::Status Server::Start(std::uint32_t epoch) {
  return writer_.Start({{kLogId, epoch, "simulated", 1, "/nowhere"}});
}

bool Server::Receive(Command command) {
  if (commands_.size() >= kInboxMax || surroundings_.faults.Fires(Fault::kServerBusy)) return false;
  commands_.push_back(std::move(command));
  return true;
}

std::vector<std::pair<CommandId, Answer>> Server::TurnOfWriter() {
  std::vector<Command> batch = std::exchange(reports_, {});
  const std::size_t reports = batch.size();
  for (Command& command : std::exchange(commands_, {})) batch.push_back(std::move(command));
  std::vector<Answer> answers = writer_.Process(batch);
  std::vector<std::pair<CommandId, Answer>> due;
  for (std::size_t i = reports; i < batch.size(); ++i) {
    due.emplace_back(batch[i].id, std::move(answers[i]));
  }
  return due;
}

absl::Status Server::TurnOfSite(std::size_t index) {
  SimulatedSite& driver = *surroundings_.sites[index];
  std::unique_ptr<Provisioner>& provisioner = provisioners_[index];
  if (provisioner == nullptr) {
    const Site* site = FindSite(writer_.state(), driver.name());
    if (site == nullptr) return absl::OkStatus();
    provisioner = std::make_unique<Provisioner>(
        site->number, driver, surroundings_.log, surroundings_.clock,
        [this](std::vector<Order> reports) { TakeReports(std::move(reports)); });
  }
  return provisioner->Pass();
}

// The way from a site's thread to the writer: a queue.
void Server::TakeReports(std::vector<Order> reports) {
  Faults& faults = surroundings_.faults;
  if (faults.Fires(Fault::kReportsLost)) return;
  const int copies = faults.Fires(Fault::kReportsDoubled) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    for (const Order& report : reports) {
      if (reports_.size() >= kInboxMax) return;
      reports_.push_back({{}, std::nullopt, "", report});
    }
  }
}

}  // namespace epu::sim

#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "commands/gateway.h"
#include "eventlog/memory_log.h"

// For tests: a run in a directory of its own, served by a gateway on its own thread over a log in
// memory. Its writer is make-believe: it gives each new command one number and answers a repeat
// with the number it had.

namespace epu {

// A directory under /tmp, where paths are short enough for sockets; gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = "/tmp/epu-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Waits for `happened`, as long as any machine may need; false when it never does.
template <typename Condition>
bool Eventually(Condition happened) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!happened()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// The worker whose agent is told that it is to drain.
inline constexpr WorkerNumber kDrainingWorker{99};

class ServedRun {
 public:
  explicit ServedRun(std::size_t inbox_max) : commands(inbox_max), reports(inbox_max) {
    auto taken = EndpointLock::Take(directory.path(), "test", {getpid(), Time{}, "/none"});
    EXPECT_TRUE(taken.ok()) << taken.status();
    lock_ = std::make_unique<EndpointLock>(*std::move(taken));
    auto opened =
        Gateway::Open(*lock_, commands, reports,
                      {[this](const ReadQuery& query) { return ReadLog(log, query); },
                       [] {
                         return ServerState{9, Time{}, "k3f9", 1, {}};
                       },
                       [](WorkerId worker) { return Noted{worker.number == kDrainingWorker}; }});
    EXPECT_TRUE(opened.ok()) << opened.status();
    gateway = *std::move(opened);
    serving_ = std::jthread([this](std::stop_token stop) {
      const absl::Status status = gateway->Run(stop);
      EXPECT_TRUE(status.ok()) << status;
    });
  }

  std::string endpoint() const { return EndpointOf(directory.path()); }

  // Lets the writer take what waits, and what comes, from here on.
  void StartWriter() {
    writing_ = std::jthread([this](std::stop_token stop) {
      const std::stop_callback wake(stop, [this] { commands.Wake(); });
      while (!stop.stop_requested()) {
        Process(commands.TakeAll(std::chrono::steady_clock::now() + std::chrono::seconds(60)));
      }
    });
  }

  // One round of the writer, on this thread; for tests that do not start it.
  void Process(std::vector<Submission> submissions) {
    std::vector<Delivery> deliveries;
    for (Submission& submission : submissions) {
      const auto [outcome, is_new] =
          outcomes.try_emplace(submission.command.id, outcomes.size() + 1);
      authors.push_back(submission.command.author.value());
      const Answer answer{absl::OkStatus(), outcome->second, outcome->second};
      if (submission.reply) deliveries.push_back({*submission.reply, answer});
    }
    gateway->Deliver(std::move(deliveries));
  }

  void StopWriter() { writing_ = {}; }

  const TemporaryDirectory directory;
  CommandInbox commands;
  ReportInbox reports;
  MemoryLog log;
  std::unique_ptr<Gateway> gateway;

  // Of the writer; to be looked at when it does not run.
  std::map<CommandId, Sequence> outcomes;
  std::vector<Author> authors;

 private:
  std::unique_ptr<EndpointLock> lock_;
  std::jthread serving_;
  std::jthread writing_;
};

}  // namespace epu

#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "provisioner/driver.h"
#include "provisioner/process_driver.h"
#include "provisioner/process_table.h"

// For tests with real processes: a directory of one's own, launches under a log id of one's own,
// and the end of every process that carries it.

namespace epu {

class ProcessFixture : public testing::Test {
 protected:
  ProcessFixture();
  ~ProcessFixture() override;

  // A driver as a new epud would make it. Its agents send heartbeats to `heartbeats`.
  ProcessDriver MakeDriver() const;
  ProcessDriverOptions Options() const;

  // Of the `number`-th worker of crunch, with a short grace.
  Token TokenOf(std::uint32_t number) const;
  static LaunchSpec Spec(std::uint32_t number, std::vector<std::string> command);
  static LaunchSpec Shell(std::uint32_t number, const std::string& script);

  // Whether `condition` comes true before a generous deadline.
  static bool Eventually(const std::function<bool()>& condition);

  // The processes that carry the token, or descend from one that does; those called `name` alone.
  std::vector<Process> Tree(std::uint32_t number) const;
  std::size_t CountNamed(std::uint32_t number, const std::string& name) const;
  Process Agent(std::uint32_t number) const;  // Ends the test where it is not alive.

  // Asks again and again, as passes do.
  bool TerminatesAll(IaasDriver& driver, std::uint32_t number, Duration grace) const;

  std::string WorkerDirectory(std::uint32_t number) const;
  static std::string Read(const std::string& path);  // Empty where there is no such file.
  static bool Contains(const std::string& path, const std::string& text);

  const std::string directory;  // Ends with the test.
  const std::string log_id;
  std::string heartbeats;  // A file.
};

}  // namespace epu

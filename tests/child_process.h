#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

// A second process for tests of what two processes share.

namespace epu {

// One end of a line between two processes, over which they send numbers.
class Line {
 public:
  explicit Line(int socket) : socket_(socket) {}
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line();

  void Send(std::uint64_t number) const;
  // Waits for the next number; none when the other end is gone.
  std::optional<std::uint64_t> Receive() const;

 private:
  const int socket_;
};

// A process forked off this one. A failed EXPECT in it is printed, and seen by Succeeded.
class ChildProcess {
 public:
  // Runs `body` in the child. REQUIRES: this process has no log open and no other threads.
  explicit ChildProcess(const std::function<void(const Line& parent)>& body);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  // Kills the child if it still runs.
  ~ChildProcess();

  const Line& line() const { return *line_; }

  // Ends the child with SIGKILL.
  void Kill();
  // Waits for the child's end; whether its body ran to the end without a failed expectation.
  bool Succeeded();

 private:
  std::optional<Line> line_;
  pid_t process_ = 0;  // 0 once waited for.
};

}  // namespace epu

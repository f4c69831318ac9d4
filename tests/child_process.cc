#include "tests/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "eventlog/check.h"

namespace epu {

Line::~Line() { close(socket_); }

void Line::Send(std::uint64_t number) const {
  const ssize_t sent = send(socket_, &number, sizeof number, MSG_NOSIGNAL);
  CHECK(sent == sizeof number);
}

std::optional<std::uint64_t> Line::Receive() const {
  std::uint64_t number = 0;
  const ssize_t received = recv(socket_, &number, sizeof number, 0);
  if (received != sizeof number) return std::nullopt;
  return number;
}

ChildProcess::ChildProcess(const std::function<void(const Line& parent)>& body) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
  std::fflush(nullptr);
  process_ = fork();
  CHECK(process_ >= 0);
  if (process_ == 0) {
    close(ends[0]);
    body(Line(ends[1]));
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  close(ends[1]);
  line_.emplace(ends[0]);
}

ChildProcess::~ChildProcess() {
  if (process_ != 0) Kill();
}

void ChildProcess::Kill() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = 0;
}

bool ChildProcess::Succeeded() {
  int status = 0;
  CHECK(waitpid(process_, &status, 0) == process_);
  process_ = 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace epu

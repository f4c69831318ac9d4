#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

// How threads speak to each other: messages from many, taken by one, never more than a fixed
// number. Outside the logs it holds the only lock of the program.

namespace epu {

template <typename Message>
class Inbox {
 public:
  // At most `capacity` messages wait; what comes then is for its sender to answer ("busy").
  explicit Inbox(std::size_t capacity) : capacity_(capacity) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // Lays `message` in; false, with the message dropped, when the inbox is full. Any thread; never
  // waits for room.
  [[nodiscard]] bool TryPush(Message&& message) {
    {
      const std::lock_guard lock(mutex_);
      if (messages_.size() >= capacity_) return false;
      messages_.push_back(std::move(message));
    }
    something_.notify_one();
    return true;
  }

  // Moves out all messages, in the order in which they came. Waits for the first until `deadline`
  // (one in the past: not at all) or until woken; then there may be none. One thread alone.
  std::vector<Message> TakeAll(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    something_.wait_until(lock, deadline, [this] { return woken_ || !messages_.empty(); });
    woken_ = false;
    std::vector<Message> next;
    next.reserve(messages_.size());  // As many are likely to come again.
    return std::exchange(messages_, std::move(next));
  }

  // Ends the wait that is under way, or the next one: there is something to do beside messages. Any
  // thread.
  void Wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    something_.notify_one();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable something_;
  std::vector<Message> messages_;  // Guarded by mutex_, as is what follows.
  bool woken_ = false;
};

}  // namespace epu

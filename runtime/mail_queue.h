// Mail from any thread to the one that reads: a lock-free list that the reader takes whole. In order for each writer.
#pragma once

#include <atomic>

#include "env/mailbox.h"

namespace gregor::runtime {

/// Unbounded here: what shards may have under way between them is bounded by the requests they serve.
class MailQueue {
 public:
  MailQueue() = default;
  /// Destroys what was not read.
  ~MailQueue();
  MailQueue(const MailQueue&) = delete;
  MailQueue& operator=(const MailQueue&) = delete;

  void post(env::Mail mail);
  [[nodiscard]] bool is_empty() const { return newest_.load(std::memory_order_seq_cst) == nullptr; }
  /// Reader only: runs all mail that was there at the call, oldest first. Returns how many.
  std::size_t deliver();
  /// Reader only: destroys all mail unread.
  void drop();

 private:
  struct Letter {
    env::Mail mail;
    Letter* older = nullptr;
  };
  /// The whole list, oldest first by `older` turned around.
  Letter* take_oldest_first();
  std::atomic<Letter*> newest_{nullptr};
};

}  // namespace gregor::runtime

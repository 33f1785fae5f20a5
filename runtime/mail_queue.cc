#include "runtime/mail_queue.h"

#include <memory>
#include <utility>

namespace gregor::runtime {

MailQueue::~MailQueue() {
  drop();
}

void MailQueue::post(env::Mail mail) {
  auto* letter = new Letter{std::move(mail), newest_.load(std::memory_order_relaxed)};
  // Sequentially consistent, as the reader's announcement that it goes to sleep: one of the two sees the other.
  while (!newest_.compare_exchange_weak(letter->older, letter, std::memory_order_seq_cst, std::memory_order_relaxed)) {
  }
}

MailQueue::Letter* MailQueue::take_oldest_first() {
  Letter* letter = newest_.exchange(nullptr, std::memory_order_acquire);
  Letter* turned = nullptr;
  while (letter != nullptr) {
    Letter* older = std::exchange(letter->older, turned);
    turned = letter;
    letter = older;
  }
  return turned;
}

std::size_t MailQueue::deliver() {
  std::size_t delivered = 0;
  for (Letter* letter = take_oldest_first(); letter != nullptr; ++delivered) {
    const std::unique_ptr<Letter> owned(letter);
    letter = letter->older;
    owned->mail();
  }
  return delivered;
}

void MailQueue::drop() {
  for (Letter* letter = take_oldest_first(); letter != nullptr;) {
    const std::unique_ptr<Letter> owned(letter);
    letter = letter->older;
  }
}

}  // namespace gregor::runtime

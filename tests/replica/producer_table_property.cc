// The producer table against the plainest model there is: a list of all batches ever appended, searched from its end.
// The model remembers everything, so it also says when the table's window of five forgets too much or too little.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "replica/producer_table.h"

namespace gregor::replica {
namespace {

struct Sent {
  int producer = 0;  ///< 0 to 2
  int epoch = 0;
  int first = 0;
  int count = 1;
  int offset = 0;
};

/// What happens next: mostly well-behaved sends, retries of some age, gaps, epoch changes, and failed writes.
struct Step {
  enum Kind { next, retry, gap, new_epoch, old_epoch, failed_write } kind;
  int producer;
  int count;
  int age;  ///< of a retry: 0 is the last batch
};

class Model {
 public:
  /// Batches of a producer's newest epoch, newest last.
  [[nodiscard]] std::vector<Sent> of(int producer) const {
    std::vector<Sent> mine;
    for (const Sent& sent : log_) {
      if (sent.producer != producer) continue;
      if (!mine.empty() && mine.back().epoch != sent.epoch) mine.clear();
      mine.push_back(sent);
    }
    return mine;
  }
  void append(Sent sent) {
    sent.offset = end_;
    end_ += sent.count;
    log_.push_back(sent);
  }
  [[nodiscard]] int end() const { return end_; }

  [[nodiscard]] ProducerVerdict verdict(const Sent& sent, std::optional<int>& duplicate_offset) const {
    const auto mine = of(sent.producer);
    if (mine.empty()) return ProducerVerdict::accepted;
    if (sent.epoch < mine.back().epoch) return ProducerVerdict::invalid_producer_epoch;
    if (sent.epoch > mine.back().epoch) {
      return sent.first == 0 ? ProducerVerdict::accepted : ProducerVerdict::out_of_order_sequence;
    }
    for (std::size_t age = 0; age < mine.size() && age < kBatchesKept; ++age) {
      const Sent& known = mine[mine.size() - 1 - age];
      if (known.first == sent.first && known.count == sent.count) {
        duplicate_offset = known.offset;
        return ProducerVerdict::accepted;
      }
    }
    const bool is_next = sent.first == mine.back().first + mine.back().count;
    return is_next ? ProducerVerdict::accepted : ProducerVerdict::out_of_order_sequence;
  }

  [[nodiscard]] Sent draw(const Step& step) const {
    const auto mine = of(step.producer);
    Sent sent{.producer = step.producer, .count = step.count};
    if (mine.empty()) return sent;
    const Sent& last = mine.back();
    sent.epoch = last.epoch;
    sent.first = last.first + last.count;
    if (step.kind == Step::gap) sent.first += 1 + step.age;
    if (step.kind == Step::old_epoch) sent.epoch -= 1;
    if (step.kind == Step::new_epoch) {
      sent.epoch += 1;
      sent.first = step.age < 4 ? 0 : step.age;
    }
    if (step.kind == Step::retry) {
      const Sent& old =
          mine[mine.size() - 1 - std::min<std::size_t>(static_cast<std::size_t>(step.age), mine.size() - 1)];
      sent.first = old.first;
      sent.count = old.count;
    }
    return sent;
  }

 private:
  std::vector<Sent> log_;
  int end_ = 0;
};

ProducerAppend append_of(const Sent& sent) {
  return {.producer_id = ProducerId{sent.producer},
          .epoch = ProducerEpoch{static_cast<std::int16_t>(sent.epoch)},
          .first_sequence = Sequence{sent.first},
          .last_sequence = Sequence{sent.first + sent.count - 1},
          .offset_delta = sent.count - 1,
          .timestamp = WallTime{1},
          .is_transactional = false};
}

rc::Gen<Step> any_step() {
  return rc::gen::map(rc::gen::tuple(rc::gen::weightedElement<Step::Kind>({{8, Step::next},
                                                                           {4, Step::retry},
                                                                           {1, Step::gap},
                                                                           {1, Step::new_epoch},
                                                                           {1, Step::old_epoch},
                                                                           {2, Step::failed_write}}),
                                     rc::gen::inRange(0, 3), rc::gen::inRange(1, 4), rc::gen::inRange(0, 8)),
                      [](const auto& drawn) {
                        return Step{std::get<0>(drawn), std::get<1>(drawn), std::get<2>(drawn), std::get<3>(drawn)};
                      });
}

RC_GTEST_PROP(ProducerTableModel, JudgesAsOneWhoForgetsNothing, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  ProducerTable table;
  Model model;
  int duplicates = 0;
  for (const Step& step : steps) {
    const Sent sent = model.draw(step);
    std::optional<int> duplicate_offset;
    const ProducerVerdict want = model.verdict(sent, duplicate_offset);
    const ProducerDecision got = table.judge(append_of(sent), AppendOrigin::client);
    RC_ASSERT(got.verdict == want);
    RC_ASSERT(got.duplicate.has_value() == duplicate_offset.has_value());
    if (got.duplicate) RC_ASSERT(got.duplicate->first_offset() == Offset{*duplicate_offset});
    duplicates += got.duplicate ? 1 : 0;
    if (got.verdict != ProducerVerdict::accepted || got.duplicate) continue;

    if (step.kind == Step::failed_write) {  // I3: as if it had never been
      const auto before = table.entries();
      table.begin();
      table.apply(append_of(sent), Offset{model.end()});
      table.rollback();
      RC_ASSERT(table.entries() == before);
    } else {
      table.apply(append_of(sent), Offset{model.end()});
      model.append(sent);
    }
  }
  RC_CLASSIFY(duplicates > 0, "some retries");
}

}  // namespace
}  // namespace gregor::replica

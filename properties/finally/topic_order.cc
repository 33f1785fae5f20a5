// K2: what may be true of a topic after each answer, and whether the next answer agrees.
//
// One client changes one topic, one change after the other, so that the order is known. A change without an answer may
// have happened, may happen later while the broker's life lasts, or never.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "properties/finally/histories.h"

namespace gregor::properties {
namespace {

/// What may be true of one topic.
class TopicState {
 public:
  /// `is_forwarded`: a broker carries the change to the controller, and once more where it hears no answer; the second
  /// answer then denies what the first try did.
  explicit TopicState(bool is_forwarded) : is_forwarded_(is_forwarded) {}
  /// Why the change's answer cannot be; empty where it can.
  std::string take(const TopicChange& change) {
    std::erase_if(late_, [&](const Late& late) { return late.life < change.life_at_begin; });
    const std::string fault = contradiction(change);
    if (change.outcome == Outcome::acknowledged) {
      may_be_absent_ = !change.creates;
      may_be_any_ = false;
      known_ = change.creates ? change.id : TopicId{};
    } else if (change.says_exists) {
      may_be_absent_ = false;
      if (is_forwarded_ && change.creates) may_be_any_ = true;
    } else if (change.says_absent) {
      may_be_absent_ = true;
      may_be_any_ = false;
      known_ = {};
    }
    if (change.outcome == Outcome::unknown || change.was_retried) late_.push_back({change.creates, change.life_at_end});
    // In any order: a creation that came first may be carried out after the deletion.
    const auto is_creation = [](const Late& late) { return late.creates; };
    if (!std::ranges::all_of(late_, is_creation)) may_be_absent_ = true;
    if (may_be_absent_ && std::ranges::any_of(late_, is_creation)) may_be_any_ = true;
    return fault;
  }
  /// The same of the end, when nothing can come late any more.
  [[nodiscard]] std::string judge_end(const TopicId* stands) const {
    if (stands == nullptr) return may_be_absent_ ? "" : "is gone, though " + known_.to_text() + " was acknowledged";
    if (may_be_any_ || *stands == known_) return {};
    return "stands as " + stands->to_text() + ", though " + (known_.is_zero() ? "its deletion" : known_.to_text()) +
           " was acknowledged";
  }

 private:
  struct Late {
    bool creates;
    std::uint32_t life;
  };
  [[nodiscard]] std::string contradiction(const TopicChange& change) const {
    const bool may_exist = may_be_any_ || !known_.is_zero();
    const bool denies_itself = is_forwarded_ && (change.creates ? change.says_exists : change.says_absent);
    if (denies_itself) return {};
    if (change.says_exists && !may_exist) return "is said to exist, though it cannot";
    if (change.says_absent && !may_be_absent_) return "is said to be unknown, though it was acknowledged";
    if (change.outcome != Outcome::acknowledged) return {};
    // A creation may be the answer to a retry whose first try did it: only the id tells, and that is new.
    if (change.creates && !may_be_absent_) return "was made although it existed";
    if (!change.creates && !may_exist) return "was deleted although it did not exist";
    return {};
  }

  bool is_forwarded_;
  bool may_be_absent_ = true;
  bool may_be_any_ = false;  ///< it may exist with an id that nobody was told
  TopicId known_{};          ///< the id it may exist with; zero: none
  std::vector<Late> late_;
};

}  // namespace

void topics_stand_as_answered(const History& history, Verdict& verdict) {
  std::map<std::string, TopicState> states;
  MonotonicTime last{};
  for (const TopicChange& change : history.topic_changes) {
    const std::string fault = states.try_emplace(change.topic, history.is_of_cluster).first->second.take(change);
    if (!fault.empty()) verdict.violated("K2", "topic " + change.topic + " " + fault, change.completed);
    last = std::max(last, change.completed);
  }
  for (const auto& [topic, state] : states) {
    const auto stands = history.final_topics.find(topic);
    const std::string fault = state.judge_end(stands == history.final_topics.end() ? nullptr : &stands->second);
    if (!fault.empty()) verdict.violated("K2", "topic " + topic + " " + fault, last);
  }
}

}  // namespace gregor::properties

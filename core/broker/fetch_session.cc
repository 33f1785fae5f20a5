#include "broker/fetch_session.h"

#include <limits>

#include "base/mutant.h"

namespace gregor::broker {

bool FetchSession::tell(const FetchTarget& target, const FetchedState& state, bool has_records, bool has_error) {
  const auto found = by_target_.find(target);
  if (found == by_target_.end()) return false;
  Entry& entry = *found->second;
  const bool tells = has_records || has_error || entry.must_tell || entry.told != state || entry.ask.would_learn(state);
  // An error is told again until it is over, so nothing is remembered of it.
  entry.must_tell = has_error;
  entry.told = state;
  if (has_records) entries_.splice(entries_.end(), entries_, found->second);
  return tells;
}

void FetchSession::update(const std::vector<FetchAsk>& asked, const std::vector<FetchTarget>& forgotten) {
  for (const FetchAsk& ask : asked) {
    const auto found = by_target_.find(ask.target);
    if (found != by_target_.end()) {
      Entry& entry = *found->second;
      // What was told to a reader in another epoch may not have been taken for this one.
      entry.must_tell = entry.must_tell || entry.ask.current_leader_epoch != ask.current_leader_epoch;
      entry.ask = ask;
      continue;
    }
    entries_.push_back(Entry{.ask = ask, .told = {}, .must_tell = true});
    by_target_.emplace(ask.target, std::prev(entries_.end()));
  }
  for (const FetchTarget& target : forgotten) {
    const auto found = by_target_.find(target);
    if (found == by_target_.end()) continue;
    entries_.erase(found->second);
    by_target_.erase(found);
  }
}

FetchPlan FetchSessionCache::plan(const FetchSessionRequest& request, MonotonicTime now) {
  const bool is_full = request.session_epoch == kInitialFetchEpoch || request.session_epoch == kFinalFetchEpoch;
  if (!is_full) return plan_incremental(request, now);
  sessions_.erase(request.session_id);
  FetchPlan plan;
  plan.asks = request.asked;
  plan.wants_session = request.session_epoch == kInitialFetchEpoch && !request.asked.empty();
  return plan;
}

FetchPlan FetchSessionCache::plan_incremental(const FetchSessionRequest& request, MonotonicTime now) {
  FetchPlan plan;
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) {
    plan.error = FetchSessionError::session_not_found;
    return plan;
  }
  FetchSession& session = *found->second;
  if (session.uses_topic_ids_ != request.uses_topic_ids) {
    plan.error = FetchSessionError::topic_id_mismatch;
    return plan;
  }
  if (session.epoch_ != request.session_epoch) {
    plan.error = FetchSessionError::invalid_epoch;
    return plan;
  }
  session.update(request.asked, request.forgotten);
  if (session.entries_.empty()) {
    sessions_.erase(found);
    return plan;
  }
  session.last_used_ = now;
  session.epoch_ = session.epoch_ == std::numeric_limits<std::int32_t>::max() ? 1 : session.epoch_ + 1;
  plan.incremental = true;
  plan.session = found->second;
  for (const FetchSession::Entry& entry : session.entries_) {
    plan.asks.push_back(entry.ask);
    if (MUTANT(session_forgets_leader_epoch)) plan.asks.back().current_leader_epoch = -1;
  }
  return plan;
}

bool FetchSessionCache::make_room(const FetchSessionRequest& request, MonotonicTime now) {
  if (sessions_.size() < slots_) return true;
  auto least = sessions_.end();
  const auto weaker = [](const FetchSession& a, const FetchSession& b) {
    return std::tuple(a.is_followers_, a.size_at_birth_, a.last_used_, a.id_) <
           std::tuple(b.is_followers_, b.size_at_birth_, b.last_used_, b.id_);
  };
  const auto yields = [&](const FetchSession& session) {
    if (request.is_followers && !session.is_followers_) return true;
    if (session.born_ + kFetchSessionEviction > now) return false;
    return session.is_followers_ == request.is_followers && session.size_at_birth_ < request.asked.size();
  };
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    const FetchSession& session = *at->second;
    if (session.last_used_ + kFetchSessionEviction < now) {
      sessions_.erase(at);
      return true;
    }
    if (!yields(session)) continue;
    if (least == sessions_.end() || weaker(session, *least->second)) least = at;
  }
  if (least == sessions_.end()) return false;
  sessions_.erase(least);
  return true;
}

std::shared_ptr<FetchSession> FetchSessionCache::remember(const FetchSessionRequest& request, MonotonicTime now) {
  if (slots_ == 0 || !make_room(request, now)) return nullptr;
  auto session = std::make_shared<FetchSession>();
  do {
    session->id_ = static_cast<std::int32_t>(ids_.between(1, std::numeric_limits<std::int32_t>::max()));
  } while (sessions_.contains(session->id_));
  session->uses_topic_ids_ = request.uses_topic_ids;
  session->is_followers_ = request.is_followers;
  session->born_ = session->last_used_ = now;
  session->update(request.asked, {});
  session->size_at_birth_ = session->entries_.size();
  sessions_.emplace(session->id_, session);
  return session;
}

}  // namespace gregor::broker

#include "tests/raft/support/quorum_model.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::raft::model {

using namespace std::chrono_literals;

namespace {

EpochList epochs_of(const Disk& disk) {
  EpochList epochs(disk.start);
  Offset end = disk.start.offset;
  for (const Record& record : disk.log) {
    end = end + 1;
    epochs.append(record.epoch, end);
  }
  return epochs;
}

/// Who was asked by address alone.
constexpr NodeId kSomebody{-2};

Voter described(const Node& node) {
  return {.key = node.key(), .endpoints = {{"CONTROLLER", "host", static_cast<std::uint16_t>(node.id.value())}}};
}

}  // namespace

QuorumModel::QuorumModel(const Law& law, std::uint64_t seed) : law_(law), random_(seed) {
  nodes_.resize(static_cast<std::size_t>(law.voters + law.observers));
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].id = NodeId{static_cast<int>(i) + 1};
    nodes_[i].disk.directory_id = random_.uuid();
    nodes_[i].disk.is_new = !law.is_dynamic;
    if (static_cast<int>(i) >= law.voters) continue;
    const VoterKey listed{nodes_[i].id, law.is_dynamic ? nodes_[i].disk.directory_id : Uuid{}};
    static_voters_.push_back({.key = listed});
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    // Joiners of a dynamic quorum know nobody; all others know who began it.
    if (!law.is_dynamic || static_cast<int>(i) < law.voters) nodes_[i].disk.start_voters = static_voters_;
    start(nodes_[i]);
  }
}

void QuorumModel::at(MonotonicTime time, std::function<void()> what) {
  events_.emplace(std::pair{time, ++last_event_}, std::move(what));
}

/// Happens to this life of the node, and not while it is paused.
void QuorumModel::of(Node& node, Nanoseconds after, std::function<void(Node&)> what) {
  const NodeId id = node.id;
  const int life = node.life;
  at(now_ + after, [this, id, life, what = std::move(what)] {
    Node& subject = node_of(id);
    if (subject.life != life || !subject.fsm) return;
    if (subject.paused_until > now_) {
      const Nanoseconds rest = subject.paused_until - now_;
      return of(subject, rest, what);
    }
    what(subject);
  });
}

void QuorumModel::run_until(MonotonicTime until) {
  constexpr std::uint64_t kEventsMax = 3'000'000;
  while (!is_over() && !events_.empty() && events_.begin()->first.first <= until) {
    now_ = events_.begin()->first.first;
    const auto what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    what();
    if (last_event_ > kEventsMax) judge_.note("L3: the machines are busy with nothing");
  }
  now_ = std::max(now_, until);
}

Node& QuorumModel::node_of(NodeId id) {
  return nodes_[static_cast<std::size_t>(id.value() - 1)];
}

Node* QuorumModel::newest_leader() {
  Node* newest = nullptr;
  for (Node& node : nodes_) {
    if (node.leads() && (newest == nullptr || node.fsm->epoch() > newest->fsm->epoch())) newest = &node;
  }
  return newest;
}

std::string QuorumModel::describe() const {
  constexpr const char* kRoles[] = {"unattached", "resigned", "prospective", "candidate", "leader", "follower"};
  std::string text;
  for (const Node& node : nodes_) {
    text += "\n  node " + std::to_string(node.id.value());
    if (!node.fsm) {
      text += " is down";
      continue;
    }
    const Fsm& fsm = *node.fsm;
    text += std::string(" ") + kRoles[fsm.role().index()] + " epoch " + std::to_string(fsm.epoch().value());
    text += " leader " + (fsm.leader() ? std::to_string(fsm.leader()->value()) : "none");
    text += " log " + std::to_string(fsm.log().start().offset.value()) + ".." + std::to_string(fsm.log_end().value());
    text += " flushed " + std::to_string(fsm.flushed_end().value()) + " of epoch " +
            std::to_string(fsm.log().last_epoch().value());
    text += " high watermark " + std::to_string(fsm.high_watermark().value());
    text += fsm.is_ready() ? "" : " not ready";
    text += " voters";
    for (const Voter& voter : fsm.voters()) {
      const bool is_there = is_same_voter(voter.key, nodes_[static_cast<std::size_t>(voter.key.id.value() - 1)].key());
      text += " " + std::to_string(voter.key.id.value()) + (is_there ? "" : "(gone)");
    }
    text += " by " + std::to_string(fsm.voters_offset().value());
  }
  return text;
}

VoterHistory QuorumModel::history_of(const Disk& disk) const {
  VoterHistory history(disk.start_voters);
  if (disk.start.offset > Offset{0}) history.reset(disk.start.offset, disk.start_voters);
  for (Offset offset = disk.start.offset; offset < disk.end(); ++offset) {
    if (disk.at(offset).voters) history.append(offset, *disk.at(offset).voters);
  }
  return history;
}

void QuorumModel::start(Node& node) {
  if (node.fsm) return;
  ++node.life;
  node.disk.flushed = node.disk.end();  // recovery flushes what it finds
  node.high_watermark = kNoOffset;
  node.fetched.clear();
  node.sent_by_address.clear();
  node.tick_at = kForever;
  node.fsm = Fsm::make({.self = node.key(),
                        .voters = history_of(node.disk),
                        .kraft_version = law_.is_dynamic ? 1 : 0,
                        .state = node.disk.state,
                        .log = epochs_of(node.disk),
                        .snapshot = node.disk.snapshot,
                        .seed = random_.next(),
                        .directory_is_new = node.disk.is_new,
                        .quorum_is_new = true,
                        .described = law_.joins ? described(node) : Voter{},
                        .joins = law_.joins},
                       now_)
                 .value();
  act(node);
}

void QuorumModel::stop(Node& node, bool is_power_loss) {
  if (!node.fsm) return;
  node.fsm.reset();
  node.paused_until = {};
  if (!is_power_loss) return;
  const std::int64_t unflushed = node.disk.end() - node.disk.flushed;
  const std::int64_t kept = random_.between(0, unflushed);
  node.disk.truncate(node.disk.flushed + kept);
}

void QuorumModel::wipe(Node& node, bool is_new) {
  stop(node, false);
  node.disk = Disk{};
  node.disk.directory_id = random_.uuid();
  node.disk.is_new = is_new;
  node.disk.was_wiped = true;
  if (!law_.is_dynamic) node.disk.start_voters = static_voters_;
}

void QuorumModel::isolate(const Node& node) {
  for (const Node& other : nodes_) {
    if (other.id == node.id) continue;
    cut(node.id, other.id);
    cut(other.id, node.id);
  }
}

void QuorumModel::shut_down(Node& node) {
  if (node.fsm) tell(node, ShutDown{});
}

void QuorumModel::suspect_leader(Node& node) {
  if (node.fsm && node.fsm->leader()) tell(node, PeerGone{*node.fsm->leader()});
}

void QuorumModel::tell(Node& node, const Input& input) {
  node.fsm->step(input, now_);
  judge_.after_step(node);
  act(node);
}

void QuorumModel::act(Node& node) {
  if (is_over()) return;
  const Output output = node.fsm->take_output();
  perform(node, output);
  set_tick(node);
}

void QuorumModel::set_tick(Node& node) {
  const MonotonicTime next = std::max(node.fsm->next_tick(), now_ + 1us);
  if (next >= node.tick_at || next == kForever) return;
  node.tick_at = next;
  of(node, next - now_, [this, next](Node& subject) {
    if (subject.tick_at == next) subject.tick_at = kForever;
    subject.fsm->tick(now_);
    judge_.after_step(subject);
    act(subject);
  });
}

void QuorumModel::perform(Node& node, const Output& output) {
  if (output.persist) {
    const ElectionState state = *output.persist;
    const Nanoseconds own_time = disk_time();
    node.persisted_at = std::max(node.persisted_at, now_) + own_time;
    const Nanoseconds time = node.persisted_at - now_;
    of(node, time, [this, state](Node& subject) {
      subject.disk.state = state;
      tell(subject, StatePersisted{state});
    });
  }
  if (output.fault) judge_.note("K2: node " + std::to_string(node.id.value()) + ": " + *output.fault);
  perform_log_work(node, output);
  if (output.fetch_snapshot) install(node, *output.fetch_snapshot);
  for (const Send& sent : output.sends) send(node, sent);
  for (const Answer& answered : output.answers) answer(node, answered);
  if (output.high_watermark) {
    judge_.committed_to(node, *output.high_watermark, nodes_);
    node.high_watermark = *output.high_watermark;
  }
  if (output.directory_is_ready) node.disk.is_new = false;
}

void QuorumModel::perform_log_work(Node& node, const Output& output) {
  if (output.truncate) {
    const Offset end = *output.truncate;
    const Nanoseconds time = disk_time();
    of(node, time, [this, end](Node& subject) {
      judge_.truncates(subject, end);
      subject.disk.truncate(end);
      tell(subject, LogTruncated{end});
    });
  }
  if (output.append_fetched) {
    const auto records = node.fetched[*output.append_fetched];
    std::erase_if(node.fetched, [&](const auto& kept) { return kept.first <= *output.append_fetched; });
    const Nanoseconds time = disk_time();
    of(node, time, [this, records](Node& subject) {
      for (const Record& record : records) append(subject, record);
      flush(subject);
    });
  }
  if (output.lead) {
    judge_.leads(node);
    append_as_leader(node, output.lead->epoch, output.lead->first_voters);
  }
  if (output.append_voters) append_as_leader(node, node.fsm->epoch(), output.append_voters);
}

void QuorumModel::append_as_leader(Node& node, LeaderEpoch epoch, std::optional<VoterSet> voters) {
  const Record record{epoch, ++last_record_, std::move(voters)};
  const Nanoseconds time = disk_time();
  of(node, time, [this, record](Node& subject) {
    judge_.appends_as_leader(subject, record.epoch);
    if (is_over()) return;
    append(subject, record);
    flush(subject);
  });
}

void QuorumModel::append(Node& node, Record record) {
  node.disk.log.push_back(record);
  tell(node, LogAppended{node.disk.end(), record.epoch, record.voters});
}

void QuorumModel::flush(Node& node) {
  const Offset end = node.disk.end();
  const Nanoseconds time = disk_time();
  of(node, time, [this, end](Node& subject) {
    subject.disk.flushed = std::max(subject.disk.flushed, std::min(end, subject.disk.end()));
    tell(subject, LogFlushed{subject.disk.flushed});
  });
}

void QuorumModel::install(Node& node, const SnapshotWanted& wanted) {
  const Nanoseconds time = network_time() * 5;
  of(node, time, [this, wanted](Node& subject) {
    const Node& leader = node_of(wanted.leader);
    const bool is_there = leader.fsm && leader.disk.snapshot == wanted.id && !cuts_.contains({leader.id, subject.id});
    if (!is_there || !subject.fsm->begin_install(wanted.id)) return tell(subject, SnapshotFailed{});
    Disk& disk = subject.disk;
    judge_.truncates(subject, std::max(disk.start.offset, std::min(disk.end(), wanted.id.offset)));
    disk.start = wanted.id;
    disk.snapshot = wanted.id;
    disk.start_voters = leader.disk.voters_before(wanted.id.offset);
    disk.log.clear();
    disk.flushed = disk.end();
    tell(subject, SnapshotInstalled{wanted.id, disk.start_voters});
  });
}

void QuorumModel::take_snapshot(Node& node) {
  if (!node.fsm || node.paused_until > now_) return;
  const Offset end = node.fsm->high_watermark();
  Disk& disk = node.disk;
  if (end <= disk.start.offset || end > disk.flushed) return;
  const Offset start{random_.between(disk.start.offset.value(), end.value())};
  const OffsetAndEpoch id{end, disk.epoch_before(end)};
  const OffsetAndEpoch new_start{start, disk.epoch_before(start)};
  disk.start_voters = disk.voters_before(start);
  disk.log.erase(disk.log.begin(), disk.log.begin() + (start - disk.start.offset));
  disk.start = new_start;
  disk.snapshot = id;
  tell(node, SnapshotTaken{id, new_start});
}

void QuorumModel::propose(Node& node) {
  if (!node.fsm || node.paused_until > now_) return;
  const LeaderEpoch epoch = node.fsm->epoch();
  if (!node.fsm->begin_append(epoch)) return;
  append_as_leader(node, epoch, {});
}

void QuorumModel::change_voters(Node& node, const Request& request) {
  if (!node.fsm || node.paused_until > now_) return;
  tell(node, RequestReceived{RequestToken{++last_token_}, request});
}

Nanoseconds QuorumModel::network_time() {
  const bool is_late = random_.chance(static_cast<std::uint64_t>(law_.delay), 1000);
  return Nanoseconds(is_late ? random_.between(100'000'000, 5'000'000'000) : random_.between(200'000, 20'000'000));
}

Nanoseconds QuorumModel::disk_time() {
  const bool is_slow = random_.chance(static_cast<std::uint64_t>(law_.slow_disk), 1000);
  return Nanoseconds(is_slow ? random_.between(20'000'000, 1'000'000'000) : random_.between(100'000, 5'000'000));
}

void QuorumModel::send(Node& node, const Send& sent) {
  NodeId to = sent.to ? sent.to->id : node.id;
  if (!sent.to && node.fsm->voters().empty()) node.sent_by_address.insert(sent.id);
  while (to == node.id) to = NodeId{static_cast<int>(random_.below(nodes_.size())) + 1};
  post({node.id, to, node.life, sent.id, sent.request}, 0ns);
}

void QuorumModel::answer(Node& node, const Answer& answered) {
  const auto asked = askers_.find(answered.token);
  if (asked == askers_.end()) {  // of a voter change: the model itself asked
    if (const auto* reply = std::get_if<VoterChangeReply>(&answered.reply)) ++change_answers_[reply->standing.error];
    return;
  }
  Parcel parcel{node.id, asked->second.node, asked->second.life, asked->second.id, answered.reply};
  const auto* granted = std::get_if<VoteReply>(&answered.reply);
  if (granted != nullptr && granted->is_granted && !asked->second.vote->is_pre_vote) {
    judge_.voted(node, law_.is_dynamic, asked->second.vote->epoch, asked->second.vote->candidate);
  }
  askers_.erase(asked);
  Nanoseconds extra = 0ns;
  if (auto* fetch = std::get_if<FetchReply>(&std::get<Reply>(parcel.content)); fetch != nullptr && fetch->read_from) {
    constexpr int kRecordsMax = 5;
    for (Offset at = *fetch->read_from; at < node.disk.end() && parcel.records.size() < kRecordsMax; ++at) {
      parcel.records.push_back(node.disk.at(at));
      fetch->batches.push_back({at + 1, node.disk.at(at).epoch});
    }
    if (parcel.records.empty()) extra = 30ms;  // it would have waited for more
  }
  post(parcel, extra);
}

void QuorumModel::post(const Parcel& parcel, Nanoseconds extra) {
  const bool is_lost = random_.chance(static_cast<std::uint64_t>(law_.lose), 1000);
  const bool is_repeated = random_.chance(static_cast<std::uint64_t>(law_.repeat), 1000);
  const NodeId asker = std::holds_alternative<Request>(parcel.content) ? parcel.from : parcel.to;
  if (is_lost || cuts_.contains({parcel.from, parcel.to})) {
    // Half of the losses are seen as a broken connection.
    Node& node = node_of(asker);
    const RequestId id = parcel.id;
    const bool is_seen = random_.chance(1, 2);
    const Nanoseconds time = network_time();
    if (is_seen && node.fsm && node.life == parcel.life) {
      of(node, time, [this, id](Node& subject) { tell(subject, RequestFailed{id}); });
    }
    return;
  }
  for (int copies = is_repeated ? 2 : 1; copies > 0; --copies) {
    const Nanoseconds time = network_time() + extra;
    at(now_ + time, [this, parcel] { deliver(parcel); });
  }
}

void QuorumModel::deliver(const Parcel& parcel) {
  Node& node = node_of(parcel.to);
  if (!node.fsm || cuts_.contains({parcel.from, parcel.to})) return;
  if (node.paused_until > now_) {
    at(node.paused_until, [this, parcel] { deliver(parcel); });
    return;
  }
  if (const auto* request = std::get_if<Request>(&parcel.content)) {
    const RequestToken token{++last_token_};
    const auto* vote = std::get_if<VoteRequest>(request);
    askers_[token] = {parcel.from, parcel.life, parcel.id, vote == nullptr ? std::nullopt : std::optional(*vote)};
    return tell(node, RequestReceived{token, *request});
  }
  if (node.life != parcel.life) return;                 // that connection ended with the process
  node.fetched.try_emplace(parcel.id, parcel.records);  // a second reply to one request is nobody's
  const bool is_known = !node.sent_by_address.contains(parcel.id);
  tell(node, ReplyReceived{parcel.id, is_known ? parcel.from : kSomebody, std::get<Reply>(parcel.content)});
}

}  // namespace gregor::raft::model

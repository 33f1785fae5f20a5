#include "broker/fetch_reads.h"

#include <algorithm>

namespace gregor::broker {
namespace {

struct RowAsk {
  TopicId topic_id;
  PartitionIndex index;
  std::size_t bytes_max;
  partition::ReadAsk ask;
};

std::vector<partition::ReadOutcome> read_here(env::Fiber& self, BrokerShard& shard, const std::vector<RowAsk>& asks,
                                              std::size_t bytes_left, bool may_exceed) {
  std::vector<partition::ReadOutcome> outcomes;
  outcomes.reserve(asks.size());
  for (const RowAsk& row : asks) {
    auto& outcome = outcomes.emplace_back();
    const auto partition = shard.partitions.find(row.topic_id, row.index);
    if (!partition) {
      outcome.error = partition::PartitionError::not_leader_or_follower;
      continue;
    }
    partition::ReadAsk ask = row.ask;
    ask.bytes_max = std::min(row.bytes_max, bytes_left);
    ask.whole_first_batch = may_exceed;
    outcome = partition->read(self, ask);
    bytes_left -= std::min(bytes_left, outcome.records.size());
    if (!outcome.records.empty()) may_exceed = false;
  }
  return outcomes;
}

std::map<ShardId, std::vector<FetchRow*>> by_owner(const std::vector<FetchRow*>& rows) {
  std::map<ShardId, std::vector<FetchRow*>> groups;
  for (FetchRow* row : rows) groups[row->owner].push_back(row);
  return groups;
}

}  // namespace

std::size_t read_rows(env::Fiber& self, BrokerShard& shard, std::vector<FetchRow*>& rows, std::size_t bytes_max) {
  std::size_t found = 0;
  for (const auto& [owner, group] : by_owner(rows)) {
    std::vector<RowAsk> asks;
    asks.reserve(group.size());
    for (const FetchRow* row : group) asks.push_back({row->topic_id, row->index, row->bytes_max, row->ask});
    const std::size_t left = bytes_max - std::min(bytes_max, found);
    auto outcomes = shard.ask(
        self, owner, [asks = std::move(asks), left, may_exceed = found == 0](env::Fiber& fiber, BrokerShard& there) {
          return read_here(fiber, there, asks, left, may_exceed);
        });
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i]->outcome = std::move(outcomes[i]);
      found += group[i]->outcome.records.size();
    }
  }
  return found;
}

void FetchAlarm::Bell::add(std::uint64_t bytes) {
  bytes_wanted -= std::min(bytes_wanted, bytes);
  if (bytes_wanted == 0) ring();
}

void FetchAlarm::Bell::ring() {
  rung = true;
  queue.wake_all();
}

FetchAlarm::FetchAlarm(BrokerShard& shard, std::uint64_t bytes_wanted)
    : shard_(shard), bell_(std::make_shared<Bell>(bytes_wanted)) {
  shard_.add(*this);
  if (shard_.is_stopping()) bell_->ring();
}

FetchAlarm::~FetchAlarm() {
  shard_.remove(*this);
  for (auto& [owner, watches] : watches_) {
    shard_.post(owner, [watches = std::move(watches)](BrokerShard&) { watches->clear(); });
  }
}

void FetchAlarm::watch(const std::vector<FetchRow*>& rows) {
  const ShardId home = shard_.id();
  for (const auto& [owner, group] : by_owner(rows)) {
    struct Seen {
      TopicId topic_id;
      PartitionIndex index;
      std::uint64_t visible_bytes;
      Offset high_watermark;
      partition::Reader reader;
    };
    std::vector<Seen> seen;
    for (const FetchRow* row : group) {
      const auto reader = row->ask.follower ? partition::Reader::follower : partition::Reader::consumer;
      seen.push_back({row->topic_id, row->index, row->outcome.visible_bytes, row->outcome.high_watermark, reader});
    }
    auto& watches = watches_[owner];
    watches = std::make_shared<Watches>();
    shard_.post(owner, [seen = std::move(seen), watches, bell = bell_, home](BrokerShard& there) {
      for (const Seen& row : seen) {
        const auto add = [bell, home, &there](std::uint64_t bytes) {
          there.post(home, [bell, bytes](BrokerShard&) { bell->add(bytes); });
        };
        const auto partition = there.partitions.find(row.topic_id, row.index);
        partition ? watches->push_back(partition->watch(row.visible_bytes, add, row.reader, row.high_watermark))
                  : add(partition::kGone);
      }
    });
  }
}

bool FetchAlarm::wait(env::Fiber& self, MonotonicTime deadline) {
  while (!bell_->rung) {
    if (!bell_->queue.wait_until(self, shard_.shard.clock, deadline)) return bell_->rung;
  }
  return true;
}

}  // namespace gregor::broker

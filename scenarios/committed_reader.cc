#include "scenarios/committed_reader.h"

#include <algorithm>
#include <set>

#include "record/batch_view.h"
#include "record/record_view.h"
#include "scenarios/patience.h"
#include "wire/fetch.h"

namespace gregor::scenarios {
namespace {

using PartitionData = wire::FetchResponse::PartitionData;

/// The last version that names topics.
constexpr std::int16_t kVersionMax = 12;

wire::FetchRequest request_for(const properties::HistoryPartition& partition, Offset from, std::int32_t bytes_max) {
  wire::FetchRequest request;
  request.replica_id = -1;
  request.max_wait_ms = 10;
  request.min_bytes = 1;
  request.max_bytes = bytes_max;
  request.isolation_level = 1;
  request.session_epoch = -1;
  request.topics.push_back({.topic = partition.topic, .partitions = {}});
  request.topics[0].partitions.push_back(
      {.partition = partition.partition, .fetch_offset = from.value(), .partition_max_bytes = bytes_max});
  return request;
}

/// Who is aborting where a batch begins, from the list that came along.
class Aborting {
 public:
  explicit Aborting(const PartitionData& data) {
    if (!data.aborted_transactions) return;
    for (const auto& row : *data.aborted_transactions) begins_.push_back({row.first_offset, row.producer_id});
    std::sort(begins_.begin(), begins_.end());
  }
  [[nodiscard]] bool leaves_out(const record::BatchView& batch) {
    for (; next_ < begins_.size() && begins_[next_].first <= batch.last_offset().value(); ++next_) {
      producers_.insert(begins_[next_].second);
    }
    return batch.is_transactional() && producers_.contains(batch.producer_id().value());
  }
  void ended(ProducerId producer) { producers_.erase(producer.value()); }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> begins_;  ///< first offset, producer id
  std::size_t next_ = 0;
  std::set<std::int64_t> producers_;
};

Result<void> take_records(const record::BatchView& batch, Offset from, record::CodecScratch& scratch,
                          CommittedFetch& fetched) {
  TRY_ASSIGN(const auto plain, record::PlainRecords::of(batch, scratch));
  record::RecordIterator records(batch, plain.bytes());
  for (;;) {
    TRY_ASSIGN(const auto record, records.next());
    if (!record) return {};
    if (record->offset < from || !record->value || record->value->size() < sizeof(properties::ValueId)) continue;
    fetched.records.push_back({record->offset, load_big_endian<properties::ValueId>(record->value->data())});
  }
}

Result<void> take_batches(const PartitionData& data, Offset from, CommittedFetch& fetched) {
  Aborting aborting(data);
  record::CodecScratch scratch;
  for (Bytes rest = data.records.value_or(Bytes{}); !rest.empty();) {
    TRY_ASSIGN(const auto batch, record::BatchView::parse(rest));
    rest = rest.subspan(batch.size());
    fetched.next = std::max(fetched.next, batch.next_offset());
    const bool is_left_out = aborting.leaves_out(batch);
    if (batch.is_control()) {
      // A commit ends a transaction that is on no list; the list is of aborted ones alone.
      TRY_ASSIGN(const auto marker, record::RecordIterator(batch, batch.record_bytes()).next());
      if (marker && record::control_type_of(*marker) == record::ControlType::abort) aborting.ended(batch.producer_id());
      continue;
    }
    if (!is_left_out) TRY(take_records(batch, from, scratch, fetched));
  }
  return {};
}

}  // namespace

client::Outcome<CommittedFetch> fetch_committed(env::Fiber& self, client::Cluster& cluster,
                                                const properties::HistoryPartition& partition, Offset from,
                                                std::int32_t bytes_max) {
  CLIENT_TRY_ASSIGN(const auto leader, cluster.leader_of(self, partition.topic, PartitionIndex{partition.partition},
                                                         cluster.deadline_in(kPatience)));
  CLIENT_TRY_ASSIGN(const std::int16_t version,
                    leader.link->version_of(wire::ApiKey::fetch, wire::FetchRequest::kVersionMin, kVersionMax));
  CLIENT_TRY_ASSIGN(const auto call, leader.link->start(self, request_for(partition, from, bytes_max), version));
  CLIENT_TRY_ASSIGN(ByteBuffer frame, call->await(self));
  CLIENT_TRY_ASSIGN(const auto reply, client::Connection::decode_reply<wire::FetchResponse>(std::move(frame), version));
  if (reply.body.error_code != 0) return client::answered(wire::error_code_of(reply.body.error_code));
  if (reply.body.responses.empty() || reply.body.responses[0].partitions.empty()) {
    return client::failed(Errc::malformed, "an answer without the partition");
  }
  const PartitionData& data = reply.body.responses[0].partitions[0];
  if (data.error_code != 0) {
    cluster.forget(partition.topic);
    return client::answered(wire::error_code_of(data.error_code));
  }
  CommittedFetch fetched{.high_watermark = Offset{data.high_watermark},
                         .last_stable_offset = Offset{data.last_stable_offset},
                         .log_start_offset = Offset{data.log_start_offset},
                         .next = from};
  if (auto taken = take_batches(data, from, fetched); !taken) {
    return client::failed(std::move(taken.error()), client::Fate::failed);
  }
  return fetched;
}

}  // namespace gregor::scenarios

#include "tests/replica/support/model_log.h"

#include <algorithm>

#include "base/check.h"

namespace gregor::replica {

void ModelLog::append(const ModelRecord& record) {
  assign_epoch(record.epoch);
  records_.push_back(record);
}

void ModelLog::assign_epoch(LeaderEpoch epoch) {
  if (latest_epoch(history_) >= epoch) return;
  while (!history_.empty() && history_.back().start_offset >= end()) history_.pop_back();
  history_.push_back({epoch, end()});
}

void ModelLog::truncate(Offset end) {
  CHECK(end >= base_ && end <= this->end());
  records_.resize(static_cast<std::size_t>(end - base_));
  flushed_ = std::min(flushed_, end);
  start_ = std::min(start_, end);
  while (!history_.empty() && history_.back().start_offset >= end) history_.pop_back();
}

void ModelLog::start_over(Offset offset) {
  base_ = start_ = flushed_ = offset;
  records_.clear();
  history_.clear();
}

void ModelLog::advance_start(Offset start) {
  if (start <= start_) return;
  start_ = start;
  while (history_.size() > 1 && history_[1].start_offset <= start) history_.erase(history_.begin());
  if (!history_.empty()) history_.front().start_offset = std::max(history_.front().start_offset, start);
}

void ModelLog::flush(Offset end) {
  flushed_ = std::max(flushed_, end);
}

void ModelLog::recover(Offset end) {
  truncate(std::max(end, flushed_));
  flushed_ = this->end();
}

const ModelRecord& ModelLog::at(Offset offset) const {
  return records_.at(static_cast<std::size_t>(offset - base_));
}

std::vector<ModelRecord> ModelLog::read(Offset from, std::size_t count_max) const {
  std::vector<ModelRecord> found;
  for (Offset at = from; at < end() && found.size() < count_max; ++at) found.push_back(this->at(at));
  return found;
}

bool ModelLog::history_is_true() const {
  for (std::size_t i = 1; i < history_.size(); ++i) {
    if (history_[i].epoch <= history_[i - 1].epoch || history_[i].start_offset <= history_[i - 1].start_offset) {
      return false;
    }
  }
  for (Offset at = start_; at < end(); ++at) {
    if (epoch_at(history_, at) != this->at(at).epoch) return false;
  }
  return true;
}

}  // namespace gregor::replica

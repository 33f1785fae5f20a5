// Each event of a node says what happened, where.
#include "scenarios/event_text.h"

#include <gtest/gtest.h>

#include <set>
#include <variant>

namespace gregor::scenarios {
namespace {

TEST(EventText, EachEventIsHalfASentence) {
  const TopicPartition orders{"orders", Uuid{1, 2}, PartitionIndex{3}};
  const std::vector<NodeId> all = {NodeId{1}, NodeId{2}};
  const std::vector<NodeId> none;
  const std::vector<NodeId> second = {NodeId{2}};
  const std::vector<std::pair<observe::Event, std::string>> told = {
      {observe::LogOpened{orders, Offset{1}, Offset{5}, 0}, "opened orders-3 with [1, 5)"},
      {observe::LogOpened{orders, Offset{1}, Offset{5}, 9}, "opened orders-3 with [1, 5), cutting 9 bytes off"},
      {observe::BatchAppended{orders, Offset{3}, Offset{5}, LeaderEpoch{2}, 0, kNoProducerId, ProducerEpoch{0},
                              Sequence{0}},
       "appended 3..5 to orders-3 in epoch 2"},
      {observe::LogTruncated{orders, Offset{4}}, "truncated orders-3 to 4"},
      {observe::LogBegunAnew{orders, Offset{4}}, "dropped all of orders-3 and goes on at 4"},
      {observe::PartitionRemoved{orders}, "learned that orders-3 is gone"},
      {observe::CopyDamaged{orders, Offset{3}}, "found its copy of orders-3 damaged from 3 on"},
      {observe::LogMoved{orders, "/logs/orders-3"}, "moved orders-3 to /logs/orders-3"},
      {observe::LogFlushed{orders, Offset{4}}, "flushed orders-3 up to 4"},
      {observe::HighWatermarkMoved{orders, Offset{4}}, "moved the high watermark of orders-3 to 4"},
      {observe::LogStartMoved{orders, Offset{4}}, "moved the log start of orders-3 to 4"},
      {observe::SegmentsCompacted{orders, Offset{1}, Offset{4}}, "compacted [1, 4) of orders-3"},
      {observe::ProduceAcknowledged{orders, Offset{3}, Offset{3}, 0, -1, true},
       "acknowledged 3..3 of orders-3 again for acks=-1"},
      {observe::FetchAnswered{orders, Offset{3}, Offset{4}, Offset{4}},
       "answered a fetch of orders-3 from 3 to 4, high watermark 4"},
      {observe::LeadershipBegan{orders, LeaderEpoch{7}}, "leads orders-3 in epoch 7"},
      {observe::PartitionChanged{orders, 1, NodeId{1}, LeaderEpoch{7}, all, all, none},
       "learned of orders-3: leader 1 in epoch 7, ISR [1, 2]"},
      {observe::PartitionChanged{orders, 1, NodeId{-1}, LeaderEpoch{7}, all, none, second},
       "learned of orders-3: leader -1 in epoch 7, ISR [], ELR [2]"},
      {observe::QuorumLeaderElected{NodeId{1}, LeaderEpoch{7}}, "became the active controller in epoch 7"},
      {observe::VotersNamed{Offset{3}, {{NodeId{1}, Uuid{}}, {NodeId{2}, Uuid{}}}}, "knows as voters [1, 2] by 3"},
      {observe::MetadataApplied{Offset{4}}, "applied metadata up to 4"},
      {observe::LogDirectoryFailed{"/logs"}, "lost log directory /logs"},
      {observe::NodeReady{NodeId{1}, 9092}, "is ready"}};
  std::set<std::size_t> kinds;
  for (const auto& [event, sentence] : told) {
    EXPECT_EQ(sentence_of(event), sentence);
    kinds.insert(event.index());
  }
  EXPECT_EQ(kinds.size(), std::variant_size_v<observe::Event>) << "each kind of event is told";
}

}  // namespace
}  // namespace gregor::scenarios

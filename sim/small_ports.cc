#include "sim/small_ports.h"

#include "base/check.h"

namespace gregor::sim {

RandomStream EntropyPort::stream(std::string_view purpose, std::uint64_t object) {
  const std::uint64_t times = asked_[std::pair(std::string(purpose), object)]++;
  const std::uint64_t seed = stream_seed(engine_.seed(), {purpose, lane_.node, lane_.incarnation, object});
  return RandomStream(hash_name("asked", seed ^ (times << 16) ^ lane_.shard));
}

void MailRoom::add_lane(Lane& lane) {
  CHECK(lane.shard == lanes_.size());
  lanes_.push_back(&lane);
}

MailRoom::Line& MailRoom::line(std::uint32_t from, std::uint32_t to) {
  const auto key = std::pair(from, to);
  if (const auto found = lines_.find(key); found != lines_.end()) return found->second;
  const Lane& lane = *lanes_[to];
  const std::uint64_t object = (static_cast<std::uint64_t>(from) << 32) | to;
  return lines_.emplace(key, Line{{}, engine_.stream({"mail", lane.node, lane.incarnation, object})}).first->second;
}

void MailRoom::post(const Lane& from, ShardId to, env::Mail mail) {
  CHECK(to.value() < lanes_.size());
  if (from.dead) return;
  const std::uint32_t source = from.shard;
  const std::uint32_t target = to.value();
  Line& way = line(source, target);
  way.mail.push_back(std::move(mail));
  const Nanoseconds wait = law_.draw(way.stream);
  if (wait == Nanoseconds::zero()) {
    offer(source, target);
    return;
  }
  engine_.after(wait, [this, source, target] {
    const Lane& lane = *lanes_[target];
    if (lane.dead) return;
    engine_.record(lane.node, lane.shard, EventKind::mail_arrived, source);
    offer(source, target);
  });
}

/// Each offer delivers the oldest mail of its line, so that random turns cannot reorder it.
void MailRoom::offer(std::uint32_t from, std::uint32_t to) {
  engine_.post(*lanes_[to], EventKind::mail_delivered, from, [this, from, to] {
    std::deque<env::Mail>& waiting = line(from, to).mail;
    env::Mail mail = std::move(waiting.front());
    waiting.pop_front();
    mail();
  });
}

void MailRoom::drop_all() {
  for (auto& [pair, way] : lines_) {
    const std::deque<env::Mail> dropped = std::exchange(way.mail, {});
  }
}

void ProcessPort::halt(env::Fiber& self, std::string_view reason) {
  on_halt_(reason);
  self.cancel();
  while (true) self.park();
}

}  // namespace gregor::sim

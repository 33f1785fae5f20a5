// gregor consume: prints records of a topic or of one partition. It ends at what was the end when it began, unless
// --follow. With --group it reads as a member of that group.
#include <iostream>

#include "client/admin.h"
#include "client/consumer.h"
#include "client/group_member.h"
#include "env/clock.h"
#include "runtime/gregor/client_session.h"
#include "runtime/gregor/names.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

Syntax consume_syntax() {
  Syntax syntax{"gregor consume TOPIC [options]"};
  syntax.options.add_options()                                                     //
      ("topic", po::value<std::string>()->required(), "the topic")                 //
      ("partition,p", po::value<std::int32_t>(), "the partition; by default all")  //
      ("offset,o", po::value<std::string>()->default_value("earliest"),
       "where to begin: earliest, latest, a number")                                                             //
      ("count,n", po::value<std::int64_t>()->default_value(-1), "how many records at most; -1: no limit")        //
      ("group,g", po::value<std::string>(), "read as a member of this group, from where it stands, and commit")  //
      ("follow,f", po::bool_switch(), "go on at the end and wait for more")                                      //
      ("format", po::value<std::string>()->default_value("%v\\n"),
       "what to print: %k key, %v value, %o offset, %p partition, %t topic, %T timestamp; \\n \\t")  //
      ("json", po::bool_switch(), "print a line of JSON for each record");
  add_connection_options(syntax);
  syntax.words.add("topic", 1);
  return syntax;
}

struct Plan {
  std::string topic;
  std::optional<PartitionIndex> partition;
  std::string begin;
  std::int64_t count_max = -1;
  bool follow = false;
  bool json = false;
  std::string format;
  std::optional<std::string> group = {};
};

Result<Plan> plan_of(const Values& values) {
  Plan plan{value_of<std::string>(values, "topic"),  {},
            value_of<std::string>(values, "offset"), value_of<std::int64_t>(values, "count"),
            value_of<bool>(values, "follow"),        value_of<bool>(values, "json"),
            value_of<std::string>(values, "format")};
  if (values.contains("partition")) plan.partition = PartitionIndex(value_of<std::int32_t>(values, "partition"));
  if (values.contains("group")) plan.group = value_of<std::string>(values, "group");
  if (plan.group && plan.partition) {
    return fail(Errc::invalid, "--partition: a group shares its partitions out itself, so not beside --group");
  }
  const bool is_number =
      !plan.begin.empty() && plan.begin.size() < 19 && plan.begin.find_first_not_of("0123456789") == std::string::npos;
  if (plan.begin != "earliest" && plan.begin != "latest" && !is_number) {
    return fail(Errc::invalid, "--offset " + plan.begin + ": it is earliest, latest or a number");
  }
  return plan;
}

void append_field(std::string& to, char field, const client::ConsumedRecord& consumed) {
  const record::RecordView& record = consumed.record;
  switch (field) {
    case 'k':
      to += record.key ? text_of(*record.key) : "";
      break;
    case 'v':
      to += record.value ? text_of(*record.value) : "";
      break;
    case 'o':
      to += std::to_string(record.offset.value());
      break;
    case 'p':
      to += std::to_string(consumed.partition.value());
      break;
    case 't':
      to += consumed.topic;
      break;
    case 'T':
      to += std::to_string(record.timestamp.ms);
      break;
    default:
      to += field;
  }
}

std::string formatted(std::string_view format, const client::ConsumedRecord& consumed) {
  std::string text;
  for (std::size_t at = 0; at < format.size(); ++at) {
    const bool has_next = at + 1 < format.size();
    if (format[at] == '%' && has_next) {
      append_field(text, format[++at], consumed);
    } else if (format[at] == '\\' && has_next) {
      const char escaped = format[++at];
      text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
    } else {
      text += format[at];
    }
  }
  return text;
}

std::string json_line(const client::ConsumedRecord& consumed) {
  Json line = {{"topic", consumed.topic},
               {"partition", consumed.partition.value()},
               {"offset", consumed.record.offset.value()},
               {"timestamp", consumed.record.timestamp.ms}};
  add_content(line, consumed.record);
  return line.dump() + "\n";
}

/// Prints up to as many records as were asked for.
class Printer {
 public:
  explicit Printer(const Plan& plan) : plan_(plan) {}
  void print(const client::ConsumedRecord& consumed) {
    if (has_enough()) return;
    ++shown_;
    std::cout << (plan_.json ? json_line(consumed) : formatted(plan_.format, consumed));
  }
  [[nodiscard]] bool has_enough() const { return plan_.count_max >= 0 && shown_ >= plan_.count_max; }

 private:
  const Plan& plan_;
  std::int64_t shown_ = 0;
};

/// Everything up to `ends` was shown, or as much as was wanted, or nobody reads any more.
bool has_shown_all(const Plan& plan, const Printer& printer, const client::Consumer& consumer,
                   const std::map<PartitionIndex, Offset>& ends) {
  if (printer.has_enough() || !std::cout) return true;
  if (plan.follow) return false;
  for (const auto& [partition, end] : ends) {
    const auto position = consumer.position(plan.topic, partition);
    if (position && *position < end) return false;
  }
  return true;
}

/// Reads what the plan says. Offsets at the start of the run are the end, unless it follows.
class Reading {
 public:
  Reading(client::Cluster& cluster, const Plan& plan)
      : cluster_(cluster), plan_(plan), printer_(plan), consumer_(cluster, {}) {}

  client::Outcome<void> run(env::Fiber& self) {
    CLIENT_TRY(begin(self));
    UniqueFunction<void(const client::ConsumedRecord&)> show = [this](const client::ConsumedRecord& record) {
      print(record);
    };
    while (!is_done()) {
      const bool waits = plan_.follow;
      const MonotonicTime deadline =
          cluster_.deadline_in(waits ? Milliseconds(60'000) : cluster_.settings().api_timeout);
      auto polled = consumer_.poll(self, deadline, show);
      std::cout.flush();
      const bool just_quiet = !polled && waits && polled.error().error.code == Errc::timed_out;
      if (!polled && !just_quiet) return client::passed_on(std::move(polled.error()));
    }
    return {};
  }

 private:
  client::Outcome<void> begin(env::Fiber& self) {
    client::Admin admin(cluster_);
    CLIENT_TRY_ASSIGN(const client::TopicMetadata topic, admin.describe_topic(self, plan_.topic));
    for (const client::PartitionMetadata& p : topic.partitions) {
      if (plan_.partition && *plan_.partition != p.partition) continue;
      CLIENT_TRY(begin_partition(self, admin, p.partition));
    }
    if (ends_.empty()) return client::failed(Errc::not_found, "topic " + plan_.topic + " has no such partition");
    return {};
  }

  client::Outcome<void> begin_partition(env::Fiber& self, client::Admin& admin, PartitionIndex partition) {
    CLIENT_TRY_ASSIGN(const auto end, admin.list_offset(self, plan_.topic, partition, client::kLatestOffset));
    ends_.emplace(partition, end.offset);
    if (plan_.begin != "earliest" && plan_.begin != "latest") {
      consumer_.assign(plan_.topic, partition, Offset(std::stoll(plan_.begin)));
      return {};
    }
    const auto where = plan_.begin == "latest" ? client::OffsetReset::latest : client::OffsetReset::earliest;
    CLIENT_TRY(consumer_.assign_at(self, plan_.topic, partition, where));
    return {};
  }

  void print(const client::ConsumedRecord& consumed) {
    const bool beyond_end = !plan_.follow && consumed.record.offset >= ends_.at(consumed.partition);
    if (!beyond_end) printer_.print(consumed);
  }

  [[nodiscard]] bool is_done() const { return has_shown_all(plan_, printer_, consumer_, ends_); }

  client::Cluster& cluster_;
  const Plan& plan_;
  Printer printer_;
  client::Consumer consumer_;
  std::map<PartitionIndex, Offset> ends_;
};

/// Reads as a member of a group: what the group assigns, from where it stands; commits every few seconds and at the
/// end.
class GroupReading {
 public:
  GroupReading(client::Cluster& cluster, const Plan& plan)
      : cluster_(cluster),
        plan_(plan),
        printer_(plan),
        consumer_(cluster, {}),
        member_(cluster, {.group_id = *plan.group, .topics = {plan.topic}}) {}

  client::Outcome<void> run(env::Fiber& self) {
    const client::Outcome<void> read = read_all(self);
    const client::Outcome<void> committed = commit(self);
    member_.leave(self);
    return read ? committed : read;
  }

 private:
  static constexpr Milliseconds kStep{1'000};
  static constexpr Milliseconds kCommitInterval{5'000};

  client::Outcome<void> read_all(env::Fiber& self) {
    UniqueFunction<void(const client::ConsumedRecord&)> show = [this](const client::ConsumedRecord& record) {
      const auto end = ends_.find(record.partition);
      const bool beyond_end = !plan_.follow && end != ends_.end() && record.record.offset >= end->second;
      if (beyond_end || printer_.has_enough()) return;
      printer_.print(record);
      shown_[record.partition] = record.record.offset + 1;
    };
    CLIENT_TRY(join(self));
    while (!is_done()) {
      CLIENT_TRY(keep_membership(self));
      if (shown_.empty()) {
        env::sleep_for(self, cluster_.shard().clock, kStep);
        continue;
      }
      const auto polled = consumer_.poll(self, cluster_.deadline_in(kStep), show);
      std::cout.flush();
      if (!polled && !client::is_retriable(polled.error())) return client::passed_on(polled.error());
    }
    return {};
  }

  /// Begins where the group stands, or where --offset says.
  client::Outcome<void> join(env::Fiber& self) {
    for (const auto& [partition, next] : shown_) consumer_.unassign(plan_.topic, partition);
    shown_.clear();
    ends_.clear();
    CLIENT_TRY(member_.join(self, cluster_.deadline_in(member_.settings().rebalance_timeout * 2)));
    last_beat_ = last_commit_ = cluster_.shard().clock.now();
    CLIENT_TRY_ASSIGN(const auto committed, member_.committed(self));
    client::Admin admin(cluster_);
    const auto assigned = member_.assignment().find(plan_.topic);
    if (assigned == member_.assignment().end()) return {};
    for (const std::int32_t index : assigned->second) {
      const PartitionIndex partition{index};
      CLIENT_TRY_ASSIGN(const auto first, admin.list_offset(self, plan_.topic, partition, client::kEarliestOffset));
      CLIENT_TRY_ASSIGN(const auto end, admin.list_offset(self, plan_.topic, partition, client::kLatestOffset));
      ends_[partition] = end.offset;
      Offset begin = plan_.begin == "latest" ? end.offset : first.offset;
      if (plan_.begin != "latest" && plan_.begin != "earliest") begin = Offset(std::stoll(plan_.begin));
      for (const client::CommittedOffset& one : committed) {
        if (one.topic == plan_.topic && one.partition == partition) begin = one.offset;
      }
      consumer_.assign(plan_.topic, partition, begin);
      shown_[partition] = begin;
    }
    return {};
  }

  client::Outcome<void> keep_membership(env::Fiber& self) {
    const MonotonicTime now = cluster_.shard().clock.now();
    if (now - last_commit_ >= kCommitInterval) {
      last_commit_ = now;
      // A commit that fails is made up for by the next.
      if (const auto done = commit(self); !done && !client::is_retriable(done.error())) return join(self);
    }
    if (now - last_beat_ < member_.settings().heartbeat_interval) return {};
    last_beat_ = now;
    const auto alive = member_.heartbeat(self);
    if (alive && !*alive) {
      const auto handed_over = commit(self);
      static_cast<void>(handed_over.has_value());
      return join(self);
    }
    if (!alive && !client::is_retriable(alive.error())) return client::passed_on(alive.error());
    return {};
  }

  client::Outcome<void> commit(env::Fiber& self) {
    std::vector<client::CommittedOffset> offsets;
    for (const auto& [partition, next] : shown_) offsets.push_back({plan_.topic, partition, next});
    if (offsets.empty()) return {};
    return member_.commit(self, offsets);
  }

  [[nodiscard]] bool is_done() const { return has_shown_all(plan_, printer_, consumer_, ends_); }

  client::Cluster& cluster_;
  const Plan& plan_;
  Printer printer_;
  client::Consumer consumer_;
  client::GroupMember member_;
  std::map<PartitionIndex, Offset> ends_;   ///< when the partition was assigned
  std::map<PartitionIndex, Offset> shown_;  ///< behind the last record printed: what is committed
  MonotonicTime last_beat_{};
  MonotonicTime last_commit_{};
};

}  // namespace

int run_consume(Arguments arguments) {
  Syntax syntax = consume_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("consume", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto plan = plan_of(*values);
  if (!plan) return complain("consume", plan.error().text, kExitWrong);
  const auto work = [&](env::Fiber& self, client::Cluster& cluster) -> int {
    const auto read = plan->group ? GroupReading(cluster, *plan).run(self) : Reading(cluster, *plan).run(self);
    return read ? kExitGood : complain("consume", read.error().to_text(), kExitFailed);
  };
  return run_with_cluster("consume", *values, work, plan->follow ? kExitGood : kExitFailed);
}

}  // namespace gregor::program

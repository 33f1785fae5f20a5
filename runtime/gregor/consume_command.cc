// gregor consume: prints records of a topic or of one partition. It ends at what was the end when it began, unless
// --follow.
#include <iostream>

#include "client/admin.h"
#include "client/consumer.h"
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
       "where to begin: earliest, latest, a number")                                                       //
      ("count,n", po::value<std::int64_t>()->default_value(-1), "how many records at most; -1: no limit")  //
      ("follow,f", po::bool_switch(), "go on at the end and wait for more")                                //
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
};

Result<Plan> plan_of(const Values& values) {
  Plan plan{value_of<std::string>(values, "topic"),  {},
            value_of<std::string>(values, "offset"), value_of<std::int64_t>(values, "count"),
            value_of<bool>(values, "follow"),        value_of<bool>(values, "json"),
            value_of<std::string>(values, "format")};
  if (values.contains("partition")) plan.partition = PartitionIndex(value_of<std::int32_t>(values, "partition"));
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

/// Reads what the plan says. Offsets at the start of the run are the end, unless it follows.
class Reading {
 public:
  Reading(client::Cluster& cluster, const Plan& plan) : cluster_(cluster), plan_(plan), consumer_(cluster, {}) {}

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
    if (beyond_end || has_enough()) return;
    ++shown_;
    std::cout << (plan_.json ? json_line(consumed) : formatted(plan_.format, consumed));
  }

  [[nodiscard]] bool has_enough() const { return plan_.count_max >= 0 && shown_ >= plan_.count_max; }
  [[nodiscard]] bool is_done() const {
    if (has_enough() || !std::cout) return true;
    if (plan_.follow) return false;
    for (const auto& [partition, end] : ends_) {
      const auto position = consumer_.position(plan_.topic, partition);
      if (position && *position < end) return false;
    }
    return true;
  }

  client::Cluster& cluster_;
  const Plan& plan_;
  client::Consumer consumer_;
  std::map<PartitionIndex, Offset> ends_;
  std::int64_t shown_ = 0;
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
    const auto read = Reading(cluster, *plan).run(self);
    return read ? kExitGood : complain("consume", read.error().to_text(), kExitFailed);
  };
  return run_with_cluster("consume", *values, work, plan->follow ? kExitGood : kExitFailed);
}

}  // namespace gregor::program

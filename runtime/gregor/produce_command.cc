// gregor produce: each line of standard input becomes a record. The exit status is 0 only when every one was
// acknowledged.
#include <unistd.h>
#include <iostream>

#include "client/producer.h"
#include "runtime/gregor/client_session.h"
#include "runtime/gregor/line_input.h"
#include "runtime/gregor/names.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;

Syntax produce_syntax() {
  Syntax syntax{"gregor produce TOPIC [options] < LINES"};
  syntax.options.add_options()                                                                                       //
      ("topic", po::value<std::string>()->required(), "the topic")                                                   //
      ("partition,p", po::value<std::int32_t>(), "the partition; by default by key, or spread where there is none")  //
      ("key-separator,k", po::value<std::string>(), "the text between key and value; by default lines have no key")  //
      ("codec,z", po::value<std::string>()->default_value("none"), "none, gzip, snappy, lz4 or zstd")                //
      ("acks,a", po::value<std::string>()->default_value("all"), "0, 1 or all")                                      //
      ("json", po::bool_switch(), "print a line of JSON for each record: partition and offset");
  add_connection_options(syntax);
  syntax.words.add("topic", 1);
  return syntax;
}

Result<client::ProducerSettings> settings_of(const Values& values) {
  client::ProducerSettings settings;
  TRY_ASSIGN(settings.codec, codec_named(value_of<std::string>(values, "codec")));
  const auto& acks = value_of<std::string>(values, "acks");
  if (acks != "0" && acks != "1" && acks != "all" && acks != "-1") {
    return fail(Errc::invalid, "--acks " + acks + ": it is 0, 1 or all");
  }
  settings.acks = acks == "0" ? 0 : acks == "1" ? 1 : -1;
  settings.idempotent = settings.acks == -1;
  settings.delivery_timeout = Milliseconds(value_of<std::int64_t>(values, "timeout-ms"));
  return settings;
}

/// Counts what became of the records; tells of the first failure, and of each delivery where asked to.
class Reports {
 public:
  explicit Reports(bool print) : print_(print) {}

  void take(const client::Delivery& delivery) {
    if (!delivery) {
      if (failures_++ == 0) first_failure_ = delivery.error().to_text();
      return;
    }
    ++delivered_;
    if (!print_) return;
    std::cout << "{\"partition\":" << delivery->partition.value() << ",\"offset\":" << delivery->offset.value()
              << "}\n";
  }
  [[nodiscard]] int finish(const std::string& input_error) const {
    if (failures_ > 0) {
      const std::string counts = std::to_string(failures_) + " of " + std::to_string(failures_ + delivered_);
      return complain("produce", counts + " records failed, the first: " + first_failure_, kExitFailed);
    }
    return input_error.empty() ? kExitGood : complain("produce", input_error, kExitFailed);
  }

 private:
  bool print_;
  std::size_t delivered_ = 0;
  std::size_t failures_ = 0;
  std::string first_failure_;
};

/// A line as a record; borrows both.
client::OutgoingRecord record_of(std::string_view line, const Values& values) {
  client::OutgoingRecord record{.topic = value_of<std::string>(values, "topic"),
                                .partition = {},
                                .key = {},
                                .value = bytes_of(line),
                                .headers = {},
                                .timestamp = {}};
  if (values.contains("partition")) record.partition = PartitionIndex(value_of<std::int32_t>(values, "partition"));
  if (values.contains("key-separator")) {
    const auto& separator = value_of<std::string>(values, "key-separator");
    if (const auto at = line.find(separator); at != std::string_view::npos) {
      record.key = bytes_of(line.substr(0, at));
      record.value = bytes_of(line.substr(at + separator.size()));
    }
  }
  return record;
}

int produce(env::Fiber& self, client::Cluster& cluster, const Values& values,
            const client::ProducerSettings& settings) {
  Reports reports(value_of<bool>(values, "json"));
  client::Producer producer(cluster, settings);
  LineInput input(STDIN_FILENO);
  for (;;) {
    if (!input.has_line()) input.wait(self, cluster.shard().clock);
    const auto line = input.next();
    if (!line) break;
    producer.send(self, record_of(*line, values),
                  [&reports](const client::Delivery& delivery) { reports.take(delivery); });
  }
  producer.flush(self);
  std::cout.flush();
  return reports.finish(input.error());
}

}  // namespace

int run_produce(Arguments arguments) {
  Syntax syntax = produce_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("produce", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto settings = settings_of(*values);
  if (!settings) return complain("produce", settings.error().text, kExitWrong);
  return run_with_cluster("produce", *values, [&](env::Fiber& self, client::Cluster& cluster) {
    return produce(self, cluster, *values, *settings);
  });
}

}  // namespace gregor::program

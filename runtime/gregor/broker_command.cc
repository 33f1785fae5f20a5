// gregor broker: settings from files and the command line, a machine, and a node on it.
// Promises: wrong settings, a port in use and directories that are not ours end it with one line and status 2 before
// anything is touched; the line `broker.ready` on standard output comes when a produce would succeed; SIGTERM ends it
// cleanly with status 0.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "broker/node.h"
#include "config/listener.h"
#include "config/load.h"
#include "runtime/gregor/command.h"
#include "runtime/gregor/options.h"
#include "runtime/http_door.h"
#include "runtime/line_log.h"
#include "runtime/machine.h"

namespace gregor::program {
namespace {

namespace po = boost::program_options;

/// The ready line is what scripts wait for, so it alone goes to standard output. Why the node failed is the command's
/// to say, once.
class BrokerLog final : public observe::Log {
 public:
  void line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) override {
    if (event == "broker.failed") return;
    (event == "broker.ready" ? ready_ : rest_).line(level, event, fields);
  }

 private:
  runtime::LineLog ready_{1};
  runtime::LineLog rest_{2};
};

Syntax broker_syntax() {
  Syntax syntax{"gregor broker [--config FILE] [--set KEY=VALUE]... [--data-dir DIR] [--port N]"};
  syntax.options.add_options()                                             //
      ("config,c", po::value<std::string>(), "server.properties to read")  //
      ("set,s", po::value<std::vector<std::string>>()->composing(),
       "a setting, KEY=VALUE; stands before the file's")                                        //
      ("data-dir,d", po::value<std::string>(), "where to store; short for --set log.dirs=DIR")  //
      ("port,p", po::value<std::uint16_t>(),
       "port of all addresses, 0: any; short for --set listeners=PLAINTEXT://:N")  //
      ("tolerate-unknown-config", po::bool_switch(), "warn of unknown keys instead of refusing them");
  return syntax;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad()) return fail(Errc::not_found, "cannot read " + path + "; --config wants a server.properties");
  return text.str();
}

/// The file first, then --set, then the two shorthands: the later stands before the earlier.
Result<std::vector<config::Assignment>> gather(const Values& values) {
  std::vector<config::Assignment> assignments;
  if (values.contains("config")) {
    const auto& path = value_of<std::string>(values, "config");
    TRY_ASSIGN(const std::string text, read_file(path));
    TRY_ASSIGN(assignments, config::assignments_of(text, path));
  }
  if (values.contains("set")) {
    for (const std::string& text : value_of<std::vector<std::string>>(values, "set")) {
      TRY_ASSIGN(config::Assignment assignment, config::parse_assignment(text, "--set"));
      assignments.push_back(std::move(assignment));
    }
  }
  if (values.contains("data-dir")) {
    assignments.push_back({"log.dirs", value_of<std::string>(values, "data-dir"), "--data-dir"});
  }
  if (values.contains("port")) {
    const std::string port = std::to_string(value_of<std::uint16_t>(values, "port"));
    assignments.push_back({"listeners", "PLAINTEXT://:" + port, "--port"});
  }
  return assignments;
}

runtime::HttpAnswer connections_answer(const Result<std::vector<broker::ConnectionFigures>>& connections) {
  if (!connections) return {.status = 503, .body = connections.error().text + '\n'};
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const broker::ConnectionFigures& one : *connections) {
    all.push_back({{"number", one.number},
                   {"listener", one.listener},
                   {"peer", one.peer},
                   {"client_id", one.client_id},
                   {"software_name", one.software_name},
                   {"software_version", one.software_version},
                   {"requests", one.requests},
                   {"bytes_in", one.bytes_in},
                   {"bytes_out", one.bytes_out},
                   {"in_flight", one.in_flight},
                   {"unsent_bytes", one.unsent_bytes},
                   {"open_ms", one.open_for.count()},
                   {"idle_ms", one.idle_for.count()}});
  }
  const auto replaced = nlohmann::ordered_json::error_handler_t::replace;  // a client id is any bytes
  return {.content_type = "application/json", .body = all.dump(2, ' ', false, replaced) + '\n'};
}

runtime::HttpAnswer answer_of(env::Fiber& self, broker::Node& node, std::string_view path) {
  if (path == "/live") return {.body = "live\n"};
  if (path == "/ready") {
    return node.is_ready() ? runtime::HttpAnswer{.body = "ready\n"}
                           : runtime::HttpAnswer{.status = 503, .body = "a produce would not succeed\n"};
  }
  if (path == "/connections") return connections_answer(node.connections(self));
  if (path != "/metrics") return {.status = 404, .body = "there are /metrics, /connections, /ready and /live\n"};
  auto text = node.scrape(self);
  if (!text) return {.status = 503, .body = text.error().text + '\n'};
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(*text)};
}

/// A node on shard 0, with a door for figures and probes beside it where one is asked for.
Result<void> run_first(env::Fiber& self, env::Shard& shard, broker::Node& node, const config::BrokerConfig& config,
                       observe::Log& log) {
  if (config.gregor_http_listener.empty()) return node.run(self, shard);
  TRY_ASSIGN(const config::Listener at, config::parse_listener("http://" + config.gregor_http_listener));
  runtime::HttpDoor door(shard,
                         [&node](env::Fiber& asking, std::string_view path) { return answer_of(asking, node, path); });
  auto opened = door.open(self, at.host, at.port);
  if (!opened) {
    opened.error().text = "gregor.http.listener " + config.gregor_http_listener + ": " + opened.error().text;
    return fail(std::move(opened.error()));
  }
  log.info("http.ready", {{"listener", env::to_text(*opened)}, {"paths", "/metrics /connections /ready /live"}});
  Result<void> ended = node.run(self, shard);
  door.close(self);
  return ended;
}

/// Runs until SIGTERM or a failure. Sets `was_ready` when the node became ready.
Result<void> run_node(const config::BrokerConfig& config, observe::Log& log, bool& was_ready) {
  const auto shard_count = static_cast<std::size_t>(config.gregor_shards);
  runtime::Machine machine({.shard_count = shard_count}, log);
  observe::NullObserver observer;
  broker::Node node(config, shard_count, observer, log);
  node.when_ready([&](std::uint16_t) { was_ready = true; });
  Result<void> ended;
  const auto body = [&](env::Fiber& self, env::Shard& shard) {
    const bool is_first = shard.mailbox.self() == ShardId(0);
    Result<void> result = is_first ? run_first(self, shard, node, config, log) : node.run(self, shard);
    if (!result) machine.request_stop();
    if (is_first) ended = std::move(result);
  };
  machine.run(body, [&](ShardId shard) {
    if (shard == ShardId(0)) node.stop();
  });
  return ended;
}

}  // namespace

int run_broker(Arguments arguments) {
  Syntax syntax = broker_syntax();
  const auto values = parse_options(arguments, syntax);
  if (!values) return complain("broker", values.error().text, kExitWrong);
  if (helped(*values, syntax)) return kExitGood;
  const auto assignments = gather(*values);
  if (!assignments) return complain("broker", assignments.error().text, kExitWrong);
  const config::LoadOptions options{.tolerate_unknown_config = value_of<bool>(*values, "tolerate-unknown-config")};
  const auto loaded = config::load_broker_config(*assignments, options);
  if (!loaded) return complain("broker", loaded.error().text, kExitWrong);

  BrokerLog log;
  for (const std::string& warning : loaded->warnings) log.warn("config.warning", {{"text", warning}});
  bool was_ready = false;
  const auto ended = run_node(loaded->broker, log, was_ready);
  if (ended) return kExitGood;
  return complain("broker", ended.error().text, was_ready ? kExitFailed : kExitWrong);
}

}  // namespace gregor::program

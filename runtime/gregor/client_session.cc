#include "runtime/gregor/client_session.h"

#include "runtime/line_log.h"
#include "runtime/machine.h"

namespace gregor::program {

namespace po = boost::program_options;

void add_connection_options(Syntax& syntax) {
  syntax.options.add_options()  //
      ("bootstrap-server,b", po::value<std::string>()->default_value("127.0.0.1:9092"),
       "brokers to begin with, HOST:PORT,...")  //
      ("timeout-ms", po::value<std::int64_t>()->default_value(60'000), "how long to retry before giving up");
}

int run_with_cluster(std::string_view command, const Values& values, const Work& work, Exit when_interrupted) {
  auto bootstrap = client::parse_bootstrap(value_of<std::string>(values, "bootstrap-server"));
  if (!bootstrap) return complain(command, bootstrap.error().text, kExitWrong);
  client::ClusterSettings settings;
  settings.bootstrap = std::move(*bootstrap);
  settings.api_timeout = Milliseconds(value_of<std::int64_t>(values, "timeout-ms"));
  settings.link.client_id = "gregor-" + std::string(command);

  runtime::LineLog log(2, observe::Level::warn);
  runtime::Machine machine({.shard_count = 1}, log);
  int exit = when_interrupted;
  machine.run([&](env::Fiber& self, env::Shard& shard) {
    client::Cluster cluster(shard, settings);
    exit = work(self, cluster);
    cluster.close();
  });
  return exit;
}

}  // namespace gregor::program

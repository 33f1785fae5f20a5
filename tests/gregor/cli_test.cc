// The command line as a user meets it: what is wrong is said in one line with status 2 and nothing is touched; what is
// right works. Method: the built program as a child process, on loopback and in directories of its own.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/gregor/support/program.h"
#include "tests/gregor/support/running_broker.h"
#include "tests/gregor/support/scratch.h"

namespace gregor::program {
namespace {

namespace fs = std::filesystem;

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Every name under a directory, with the content of files: what must be the same after a refusal.
std::map<std::string, std::string> everything_in(const std::string& directory) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().string();
    found[name] = entry.is_regular_file() ? read_file(name) : "";
  }
  return found;
}

/// Status 2 and one line on standard error that holds each of `parts`.
void expect_wrong(const Ended& ended, const std::vector<std::string>& parts) {
  EXPECT_EQ(ended.exit, 2) << ended.errors;
  EXPECT_EQ(ended.output, "");
  EXPECT_EQ(std::count(ended.errors.begin(), ended.errors.end(), '\n'), 1) << ended.errors;
  for (const std::string& part : parts)
    EXPECT_NE(ended.errors.find(part), std::string::npos) << part << " is not in: " << ended.errors;
}

TEST(CommandLine, NoCommandAndUnknownCommandsAreWrong) {
  expect_wrong(run_program({}), {"gregor: ", "--help"});
  expect_wrong(run_program({"brokr"}), {"brokr", "--help"});
}

TEST(CommandLine, HelpListsTheCommandsAndTheVersionIsOneLine) {
  const Ended help = run_program({"--help"});
  EXPECT_EQ(help.exit, 0);
  for (const char* name : {"broker", "topic", "produce", "consume", "log", "sim"}) {
    EXPECT_NE(help.output.find(std::string("\n  ") + name), std::string::npos) << name;
  }
  const Ended version = run_program({"--version"});
  EXPECT_EQ(version.exit, 0);
  EXPECT_TRUE(version.output.starts_with("gregor "));
}

TEST(CommandLine, EveryCommandTellsItsOptions) {
  for (const char* name : {"broker", "topic", "produce", "consume", "log"}) {
    const Ended help = run_program({name, "--help"});
    EXPECT_EQ(help.exit, 0) << name << ": " << help.errors;
    EXPECT_TRUE(help.output.starts_with(std::string("usage: gregor ") + name)) << help.output;
  }
}

TEST(CommandLine, UnknownOptionsAreWrong) {
  expect_wrong(run_program({"broker", "--prot", "9092"}), {"gregor broker: ", "prot", "usage: gregor broker"});
  expect_wrong(run_program({"broker", "--port", "70000"}), {"70000"});
  expect_wrong(run_program({"topic"}), {"verb"});
  expect_wrong(run_program({"topic", "make", "t"}), {"make", "create"});
  expect_wrong(run_program({"topic", "create"}), {"name of a topic"});
  expect_wrong(run_program({"produce"}), {"topic"});
  expect_wrong(run_program({"produce", "t", "-z", "rar"}), {"rar", "zstd"});
  expect_wrong(run_program({"produce", "t", "--acks", "2"}), {"--acks 2"});
  expect_wrong(run_program({"consume", "t", "--offset", "soon"}), {"soon", "earliest"});
  expect_wrong(run_program({"consume", "t", "-b", "nowhere"}), {"nowhere"});
  expect_wrong(run_program({"log", "dump", "/nowhere/at/all"}), {"/nowhere/at/all"});
}

TEST(BrokerSettings, AreRefusedByNameBeforeAnythingIsTouched) {
  const Scratch scratch("settings");
  const std::string directory = scratch / "never";
  const auto broker = [&](const std::string& setting) {
    return run_program({"broker", "--data-dir", directory, "--port", "0", "--set", setting});
  };
  expect_wrong(broker("num.partition=3"), {"num.partition", "num.partitions", "--tolerate-unknown-config"});
  expect_wrong(broker("num.partitions=none"), {"num.partitions", "none", "INT"});
  expect_wrong(broker("num.partitions"), {"key=value"});
  expect_wrong(broker("authorizer.class.name=a.B"), {"authorizer.class.name", "refused"});
  expect_wrong(broker("process.roles=broker"), {"process.roles"});
  EXPECT_FALSE(fs::exists(directory));
}

TEST(BrokerSettings, AFileThatCannotBeReadOrParsedIsNamed) {
  const Scratch scratch("files");
  expect_wrong(run_program({"broker", "--config", scratch / "none.properties"}), {"none.properties"});
  write_file(scratch / "bad.properties", "# fine\nlog.retention.hours=a\\u12\n");
  expect_wrong(run_program({"broker", "--config", scratch / "bad.properties"}), {"bad.properties", "line 2"});
  write_file(scratch / "typo.properties", "# fine\n\nlog.dris=/tmp/x\n");
  expect_wrong(run_program({"broker", "--config", scratch / "typo.properties"}),
               {"typo.properties:3", "log.dris", "log.dirs"});
}

/// That a broker on `directories` refuses with one line that holds `parts`, and leaves all of `scratch` as it was.
void expect_untouched(const Scratch& scratch, const std::string& directories, const std::vector<std::string>& parts) {
  const auto before = everything_in(scratch / "");
  expect_wrong(run_program({"broker", "--set", "log.dirs=" + directories, "--port", "0"}), parts);
  EXPECT_EQ(everything_in(scratch / ""), before) << "something was touched";
}

std::string meta_properties(int node, const std::string& cluster) {
  return "version=1\nnode.id=" + std::to_string(node) + "\ncluster.id=" + cluster + "\n";
}

TEST(BrokerDirectory, ForeignFilesAreLeftAlone) {
  const Scratch scratch("foreign");
  const std::string directory = scratch / "home";
  fs::create_directories(directory + "/letters");
  write_file(directory + "/diary.txt", "dear diary");
  expect_untouched(scratch, directory, {directory, "diary.txt", "move it away"});
  expect_untouched(scratch, (scratch / "absent") + "," + directory, {directory, "diary.txt"});
}

TEST(BrokerDirectory, AFileIsNoDirectory) {
  const Scratch scratch("file");
  write_file(scratch / "plain", "text");
  expect_untouched(scratch, scratch / "plain", {"plain", "--data-dir"});
  expect_untouched(scratch, scratch / "plain/below", {"plain/below", "--data-dir"});
}

TEST(BrokerDirectory, OneThatCannotBeMadeOrReadIsNamedWithTheWayOut) {
  const Scratch scratch("unreadable");
  expect_untouched(scratch, scratch / "none/below", {"none/below", "make it", "--data-dir"});
  expect_untouched(scratch, "/proc/gregor", {"/proc/gregor"});
  fs::create_directories(scratch / "closed");
  fs::permissions(scratch / "closed", fs::perms::none);
  if (::geteuid() != 0) {
    expect_wrong(run_program({"broker", "--data-dir", scratch / "closed", "--port", "0"}), {"closed", "--data-dir"});
  }
  fs::permissions(scratch / "closed", fs::perms::owner_all);
}

TEST(BrokerDirectory, AnotherNodesOrAnotherClustersDirectoryIsLeftAlone) {
  const Scratch scratch("identity");
  for (const char* name : {"a", "b", "c", "d", "e"}) fs::create_directories(scratch / name);
  write_file(scratch / "a/meta.properties", meta_properties(1, "one"));
  write_file(scratch / "b/meta.properties", meta_properties(1, "two"));
  write_file(scratch / "c/meta.properties", meta_properties(7, "one"));
  write_file(scratch / "d/meta.properties", "garbage\n");
  fs::create_directories(scratch / "e/orders-0");
  expect_untouched(scratch, (scratch / "a") + "," + (scratch / "b"), {"cluster.id=one", "cluster.id=two", "log.dirs"});
  expect_untouched(scratch, scratch / "c", {"node.id=7", "node.id=1", "set node.id"});
  expect_untouched(scratch, scratch / "d", {"d/meta.properties", "restore"});
  expect_untouched(scratch, scratch / "e", {"e holds partitions but no meta.properties", "restore"});
  expect_untouched(scratch, (scratch / "absent") + "," + (scratch / "a"), {"metadata.log.dir"});
}

/// A port of loopback that someone listens on.
class TakenPort {
 public:
  TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(socket_, 1);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~TakenPort() { ::close(socket_); }
  [[nodiscard]] std::string text() const { return std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

TEST(BrokerPort, InUseIsSaid) {
  const Scratch scratch("port");
  const TakenPort taken;
  const std::string listeners = "listeners=PLAINTEXT://127.0.0.1:" + taken.text();
  expect_wrong(run_program({"broker", "--data-dir", scratch / "d", "--set", listeners}), {taken.text(), "--port"});
  EXPECT_FALSE(fs::exists(scratch / "d")) << "a directory was made for a broker that cannot serve";
}

TEST(BrokerPort, AnAddressOfAnotherMachineIsRefused) {
  const Scratch scratch("address");
  const auto broker = [&](const std::string& listeners) {
    return run_program({"broker", "--data-dir", scratch / "d", "--set", "listeners=" + listeners});
  };
  expect_wrong(broker("PLAINTEXT://192.0.2.1:0"), {"192.0.2.1", "listeners="});
  expect_wrong(broker("PLAINTEXT://nowhere.invalid:0"), {"nowhere.invalid", "listeners="});
  EXPECT_FALSE(fs::exists(scratch / "d"));
}

TEST(Broker, ReadyMeansThatAProduceSucceedsAndSigtermEndsItCleanly) {
  const Scratch scratch("roundtrip");
  RunningBroker broker(scratch / "d");
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  const Ended produced = broker.run({"produce", "letters", "-k", ":", "--json"}, "a:1\nb:2\nno key\n");
  EXPECT_EQ(produced.exit, 0) << produced.errors;
  EXPECT_EQ(std::count(produced.output.begin(), produced.output.end(), '\n'), 3) << produced.output;
  const Ended consumed = broker.run({"consume", "letters", "--format", "%p %o %k=%v\\n"});
  EXPECT_EQ(consumed.exit, 0) << consumed.errors;
  EXPECT_EQ(consumed.output, "0 0 a=1\n0 1 b=2\n0 2 =no key\n");
  broker.program().signal(SIGTERM);
  EXPECT_EQ(broker.program().wait(), 0) << broker.program().errors();
}

TEST(Broker, EveryCodecComesBackAsItWasSent) {
  const Scratch scratch("codecs");
  RunningBroker broker(scratch / "d");
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "line " + std::to_string(i) + "\n";
  for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    SCOPED_TRACE(codec);
    const std::string topic = std::string("codec-") + codec;
    EXPECT_EQ(broker.run({"produce", topic, "-z", codec, "-p", "0"}, lines).exit, 0);
    EXPECT_EQ(broker.run({"consume", topic, "-p", "0"}).output, lines);
  }
}

TEST(Broker, ConsumeBeginsAndEndsWhereItIsTold) {
  const Scratch scratch("offsets");
  RunningBroker broker(scratch / "d");
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  for (const char* acks : {"0", "1", "all"})
    EXPECT_EQ(broker.run({"produce", "t", "-a", acks}, std::string(acks) + "\n").exit, 0);
  EXPECT_EQ(broker.run({"consume", "t", "-o", "1"}).output, "1\nall\n");
  EXPECT_EQ(broker.run({"consume", "t", "-n", "1"}).output, "0\n");
  EXPECT_EQ(broker.run({"consume", "t", "-o", "latest"}).output, "");
  const auto json = nlohmann::json::parse(broker.run({"consume", "t", "-o", "2", "--json"}).output);
  EXPECT_EQ(json["value"], "all");
  EXPECT_EQ(json["offset"], 2);
  const Ended missing = broker.run({"consume", "t", "-p", "9"});
  EXPECT_EQ(missing.exit, 1);
  EXPECT_NE(missing.errors.find("no such partition"), std::string::npos) << missing.errors;
}

TEST(Broker, TopicsAreMadeListedDescribedAndDeleted) {
  const Scratch scratch("topics");
  RunningBroker broker(scratch / "d");
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  EXPECT_EQ(broker.run({"topic", "create", "orders", "-p", "3", "--set", "retention.ms=60000"}).exit, 0);
  const Ended again = broker.run({"topic", "create", "orders"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_NE(again.errors.find("TOPIC_ALREADY_EXISTS"), std::string::npos) << again.errors;
  const Ended wrong = broker.run({"topic", "create", "other", "--set", "retention.mss=1"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_NE(wrong.errors.find("retention.mss"), std::string::npos) << wrong.errors;
  EXPECT_EQ(broker.run({"topic", "list"}).output, "orders partitions=3\n");
  const auto json = nlohmann::json::parse(broker.run({"topic", "describe", "orders", "--json"}).output);
  EXPECT_EQ(json["partitions"].size(), 3u);
  EXPECT_EQ(broker.run({"topic", "delete", "orders"}).exit, 0);
  EXPECT_EQ(broker.run({"topic", "list"}).output, "");
  EXPECT_EQ(broker.run({"topic", "delete", "orders"}).exit, 1);
}

TEST(Broker, WhatWasAcknowledgedIsThereAfterAKill) {
  const Scratch scratch("kill");
  {
    RunningBroker broker(scratch / "d");
    ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
    EXPECT_EQ(broker.run({"produce", "t"}, "one\ntwo\n").exit, 0);
    broker.program().signal(SIGKILL);
    EXPECT_EQ(broker.program().wait(), -SIGKILL);
  }
  RunningBroker broker(scratch / "d");
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  EXPECT_EQ(broker.run({"consume", "t"}).output, "one\ntwo\n");
}

TEST(Broker, ADirectoryServesOneBrokerAtATime) {
  const Scratch scratch("lock");
  RunningBroker broker(scratch / "d");
  ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
  expect_untouched(scratch, scratch / "d", {scratch / "d", "locked by another process", "choose another"});
}

TEST(LogCommand, DumpsWhatABrokerWrote) {
  const Scratch scratch("dump");
  {
    RunningBroker broker(scratch / "d");
    ASSERT_TRUE(broker.is_ready()) << broker.program().errors();
    EXPECT_EQ(broker.run({"produce", "t", "-k", "="}, "a=1\n").exit, 0);
    broker.program().signal(SIGTERM);
    EXPECT_EQ(broker.program().wait(), 0);
  }
  const Ended dumped = run_program({"log", "dump", scratch / "d/t-0", "--records"});
  EXPECT_EQ(dumped.exit, 0) << dumped.errors;
  EXPECT_NE(dumped.output.find("key: a payload: 1"), std::string::npos) << dumped.output;
  const Ended comparable = run_program({"log", "dump", scratch / "d/t-0", "--comparable"});
  EXPECT_NE(comparable.output.find("\tYQ==\tMQ=="), std::string::npos) << comparable.output;
  EXPECT_EQ(run_program({"log", "dump", scratch / "d"}).exit, 0) << "the metadata log too";
}

}  // namespace
}  // namespace gregor::program

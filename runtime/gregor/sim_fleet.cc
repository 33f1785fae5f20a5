#include "runtime/gregor/sim_fleet.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "scenarios/run.h"

namespace gregor::program {
namespace {

struct Worker {
  pid_t pid = -1;
  int from = -1;           ///< read end of its pipe; -1 when it ended
  std::uint64_t next = 0;  ///< the seed it works on
  std::string unread;      ///< bytes of a line that is not whole yet
};

std::string to_line(const SeedResult& result) {
  const nlohmann::json line = {result.seed,         result.holds,     result.hash,         result.events,
                               result.simulated_ms, result.sent,      result.acknowledged, result.read,
                               result.judged,       result.invariant, result.text};
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

SeedResult from_line(const std::string& text) {
  const nlohmann::json line = nlohmann::json::parse(text);
  return {line[0], line[1], line[2], line[3], line[4], line[5], line[6], line[7], line[8], line[9], line[10]};
}

void write_whole(int to, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::write(to, text.data() + sent, text.size() - sent);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ::_exit(1);
    sent += static_cast<std::size_t>(count);
  }
}

/// One that runs `from` and every options.jobs-th seed behind it.
Result<Worker> start_worker(const FleetOptions& options, std::uint64_t from,
                            const std::function<SeedResult(std::uint64_t)>& run) {
  int ends[2];
  if (::pipe(ends) != 0) return fail(Errc::io, "no pipe for a worker", errno);
  const pid_t pid = ::fork();
  if (pid < 0) return fail(Errc::io, "no process for a worker", errno);
  if (pid == 0) {
    ::close(ends[0]);
    for (std::uint64_t seed = from; seed <= options.last; seed += options.jobs)
      write_whole(ends[1], to_line(run(seed)));
    ::_exit(0);
  }
  ::close(ends[1]);
  return Worker{.pid = pid, .from = ends[0], .next = from, .unread = {}};
}

/// Takes what the worker wrote. At its end a seed it had not finished is a failure of its own.
void take(Worker& worker, const FleetOptions& options, std::map<std::uint64_t, SeedResult>& results) {
  char piece[4096];
  const ssize_t count = ::read(worker.from, piece, sizeof piece);
  if (count < 0 && errno == EINTR) return;
  if (count <= 0) {
    ::close(worker.from);
    worker.from = -1;
    int status = 0;
    ::waitpid(worker.pid, &status, 0);
    if (worker.next <= options.last) {
      SeedResult died;
      died.seed = worker.next;
      died.holds = false;
      died.invariant = "crash";
      died.text = "the process that ran this seed died" +
                  (WIFSIGNALED(status) ? " of signal " + std::to_string(WTERMSIG(status)) : std::string());
      results[worker.next] = died;
    }
    return;
  }
  worker.unread.append(piece, static_cast<std::size_t>(count));
  for (std::size_t end = worker.unread.find('\n'); end != std::string::npos; end = worker.unread.find('\n')) {
    SeedResult result = from_line(worker.unread.substr(0, end));
    worker.unread.erase(0, end + 1);
    worker.next = result.seed + options.jobs;
    results[result.seed] = std::move(result);
  }
}

/// Where one died of a seed another one goes on behind it.
Result<void> replace_if_it_died(Worker& worker, const FleetOptions& options,
                                const std::function<SeedResult(std::uint64_t)>& run) {
  const std::uint64_t rest = worker.next + options.jobs;
  if (worker.from >= 0 || worker.next > options.last || rest > options.last) return {};
  TRY_ASSIGN(worker, start_worker(options, rest, run));
  return {};
}

void end(std::vector<Worker>& workers) {
  for (Worker& worker : workers) {
    if (worker.from < 0) continue;
    ::kill(worker.pid, SIGKILL);
    ::waitpid(worker.pid, nullptr, 0);
    ::close(worker.from);
  }
}

}  // namespace

Result<void> run_fleet(const FleetOptions& options, const std::function<SeedResult(std::uint64_t)>& run,
                       const std::function<bool(const SeedResult&)>& done) {
  std::vector<Worker> workers;
  for (unsigned i = 0; i < options.jobs && options.first + i <= options.last; ++i) {
    auto worker = start_worker(options, options.first + i, run);
    if (!worker) {
      end(workers);
      return fail(std::move(worker.error()));
    }
    workers.push_back(std::move(*worker));
  }
  std::map<std::uint64_t, SeedResult> results;
  std::uint64_t next = options.first;
  while (next <= options.last) {
    std::vector<pollfd> waiting;
    for (const Worker& worker : workers) waiting.push_back({worker.from, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      const int why = errno;
      end(workers);
      return fail(Errc::io, "the workers cannot be waited for", why);
    }
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      take(workers[i], options, results);
      if (auto replaced = replace_if_it_died(workers[i], options, run); !replaced) {
        end(workers);
        return replaced;
      }
    }
    for (auto ready = results.find(next); ready != results.end(); ready = results.find(next)) {
      const bool go_on = done(ready->second);
      results.erase(ready);
      ++next;
      if (go_on) continue;
      end(workers);
      return {};
    }
  }
  end(workers);
  return {};
}

SeedResult run_seed(const scenarios::Scenario& scenario) {
  const scenarios::RunReport report = scenarios::run_scenario(scenario);
  SeedResult result;
  result.seed = scenario.seed;
  result.holds = report.verdict.holds();
  result.hash = report.hash.to_text();
  result.events = report.events;
  result.simulated_ms = report.simulated.count() / 1'000'000;
  result.sent = report.sent;
  result.acknowledged = report.acknowledged;
  result.read = report.read;
  result.judged = report.events_judged;
  if (!result.holds) {
    result.invariant = report.verdict.violations().front().invariant;
    result.text = report.verdict.violations().front().text;
  }
  return result;
}

}  // namespace gregor::program

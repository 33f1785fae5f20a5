#include "runtime/gregor/history_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

namespace gregor::program {
namespace {

using LineJson = nlohmann::json;
using properties::History;
using properties::HistoryPartition;
using properties::Outcome;
using properties::Read;

constexpr std::int64_t kMicrosecondsMax = 100ll * 365 * 24 * 3600 * 1'000'000;  // a hundred years

Result<std::int64_t> whole_number(const LineJson& line, const char* name, std::int64_t low, std::int64_t high) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_number_integer())
    return fail(Errc::malformed, "'" + std::string(name) + "' is missing or no whole number");
  const bool is_huge = member->is_number_unsigned() &&
                       member->get<std::uint64_t>() > std::uint64_t(std::numeric_limits<std::int64_t>::max());
  const std::int64_t value = is_huge ? 0 : member->get<std::int64_t>();
  if (!is_huge && value >= low && value <= high) return value;
  return fail(Errc::invalid, "'" + std::string(name) + "' is " + member->dump() + ", outside " + std::to_string(low) +
                                 " to " + std::to_string(high));
}

Result<MonotonicTime> moment_member(const LineJson& line, const char* name) {
  TRY_ASSIGN(const std::int64_t us, whole_number(line, name, 0, kMicrosecondsMax));
  return MonotonicTime{std::chrono::microseconds(us)};
}

Result<std::string> text_member(const LineJson& line, const char* name) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_string())
    return fail(Errc::malformed, "'" + std::string(name) + "' is missing or no text");
  return member->get<std::string>();
}

Result<bool> flag_member(const LineJson& line, const char* name) {
  const auto member = line.find(name);
  if (member == line.end() || !member->is_boolean())
    return fail(Errc::malformed, "'" + std::string(name) + "' is missing, or not true or false");
  return member->get<bool>();
}

Result<HistoryPartition> partition_of(const LineJson& line) {
  TRY_ASSIGN(std::string topic, text_member(line, "topic"));
  TRY_ASSIGN(const std::int64_t index, whole_number(line, "partition", 0, std::numeric_limits<std::int32_t>::max()));
  return HistoryPartition{.topic = std::move(topic), .partition = static_cast<std::int32_t>(index)};
}

Result<int> client_of(const LineJson& line) {
  TRY_ASSIGN(const std::int64_t client, whole_number(line, "client", 0, std::numeric_limits<int>::max()));
  return static_cast<int>(client);
}

Result<Offset> offset_of(const LineJson& line, const char* name, std::int64_t low = 0) {
  TRY_ASSIGN(const std::int64_t offset, whole_number(line, name, low, std::numeric_limits<std::int64_t>::max() - 1));
  return Offset{offset};
}

Result<properties::ValueId> value_in(const LineJson& line, const char* name) {
  TRY_ASSIGN(const std::int64_t value, whole_number(line, name, 0, std::numeric_limits<std::int64_t>::max()));
  return static_cast<properties::ValueId>(value);
}

Result<Outcome> outcome_of(const LineJson& line) {
  TRY_ASSIGN(const std::string name, text_member(line, "outcome"));
  if (name == "acknowledged") return Outcome::acknowledged;
  if (name == "refused") return Outcome::refused;
  if (name == "unknown") return Outcome::unknown;
  return fail(Errc::invalid, "'outcome' is '" + name + "', and not acknowledged, refused or unknown");
}

Result<void> add_sent(const LineJson& line, History& history) {
  properties::Sent sent;
  TRY_ASSIGN(sent.value, value_in(line, "sent"));
  TRY_ASSIGN(sent.client, client_of(line));
  TRY_ASSIGN(sent.partition, partition_of(line));
  TRY_ASSIGN(const std::int64_t acks, whole_number(line, "acks", -1, 1));
  sent.acks = static_cast<std::int16_t>(acks);
  TRY_ASSIGN(sent.idempotent, flag_member(line, "idempotent"));
  TRY_ASSIGN(sent.invoked, moment_member(line, "invoked_us"));
  TRY_ASSIGN(sent.completed, moment_member(line, "completed_us"));
  TRY_ASSIGN(sent.outcome, outcome_of(line));
  const bool is_told = sent.outcome == Outcome::acknowledged && sent.acks != 0;
  TRY_ASSIGN(sent.offset, offset_of(line, "offset", is_told ? 0 : -1));
  history.sent.push_back(std::move(sent));
  return {};
}

Result<Read> read_in(const LineJson& line, const char* value_name) {
  Read read;
  TRY_ASSIGN(read.value, value_in(line, value_name));
  TRY_ASSIGN(read.partition, partition_of(line));
  TRY_ASSIGN(read.offset, offset_of(line, "offset"));
  TRY_ASSIGN(read.at, moment_member(line, "at_us"));
  return read;
}

Result<void> add_read(const LineJson& line, History& history) {
  TRY_ASSIGN(Read read, read_in(line, "read"));
  TRY_ASSIGN(read.client, client_of(line));
  if (line.contains("asked_us")) {
    TRY_ASSIGN(read.asked, moment_member(line, "asked_us"));
  }
  history.reads.push_back(std::move(read));
  return {};
}

Result<void> add_final(const LineJson& line, History& history) {
  TRY_ASSIGN(Read read, read_in(line, "final"));
  auto& log = history.final_log[read.partition];
  if (!log.empty() && read.offset <= log.back().offset) {
    return fail(Errc::invalid, "'offset' is " + std::to_string(read.offset.value()) + " of " +
                                   properties::to_text(read.partition) + ", not above the one before, " +
                                   std::to_string(log.back().offset.value()));
  }
  log.push_back(std::move(read));
  return {};
}

Result<void> add_log_start(const LineJson& line, History& history) {
  TRY_ASSIGN(const Offset start, offset_of(line, "log_start"));
  TRY_ASSIGN(const HistoryPartition partition, partition_of(line));
  history.log_starts[partition] = start;
  return {};
}

Result<void> add_out_of_range(const LineJson& line, History& history) {
  properties::OutOfRange missed;
  TRY_ASSIGN(missed.offset, offset_of(line, "out_of_range"));
  TRY_ASSIGN(missed.partition, partition_of(line));
  TRY_ASSIGN(missed.at, moment_member(line, "at_us"));
  history.out_of_range.push_back(std::move(missed));
  return {};
}

Result<void> add_loss(const LineJson& line, History& history) {
  properties::Loss loss;
  TRY_ASSIGN(loss.cause, text_member(line, "loss"));
  TRY_ASSIGN(loss.at, moment_member(line, "at_us"));
  TRY_ASSIGN(loss.certain, flag_member(line, "certain"));
  const auto place = std::ranges::upper_bound(history.losses, loss.at, {}, &properties::Loss::at);
  history.losses.insert(place, std::move(loss));
  return {};
}

struct LineKind {
  std::string_view name;
  Result<void> (*add)(const LineJson& line, History& history);
};
constexpr std::array kLineKinds{LineKind{"sent", add_sent},
                                LineKind{"read", add_read},
                                LineKind{"final", add_final},
                                LineKind{"log_start", add_log_start},
                                LineKind{"out_of_range", add_out_of_range},
                                LineKind{"loss", add_loss}};

Result<void> add_line(const LineJson& line, History& history) {
  for (const LineKind& kind : kLineKinds) {
    if (line.contains(kind.name)) return kind.add(line, history);
  }
  return fail(Errc::malformed, "it is none of sent, read, final, log_start, out_of_range, loss, end");
}

Result<void> check_version(const LineJson& line) {
  TRY_ASSIGN(const std::int64_t version,
             whole_number(line, "gregor_history", 0, std::numeric_limits<std::int32_t>::max()));
  if (version == kHistoryVersion) return {};
  return fail(Errc::unsupported, "the history has version " + std::to_string(version) + ", and version " +
                                     std::to_string(kHistoryVersion) + " is what is read");
}

Result<void> read_lines(std::istream& input, History& history, std::int64_t& count) {
  std::string written;
  bool is_ended = false;
  for (count = 1; std::getline(input, written); ++count) {
    const LineJson line = LineJson::parse(written, nullptr, false);
    if (!line.is_object()) return fail(Errc::malformed, "it is no JSON object");
    if (is_ended) return fail(Errc::corrupt, "it stands behind the end");
    if (count == 1) {
      TRY(check_version(line));
    } else if (line.contains("end")) {
      TRY_ASSIGN(const std::int64_t told, whole_number(line, "end", 0, std::numeric_limits<std::int64_t>::max()));
      if (told != count - 2) {
        return fail(Errc::corrupt, "it tells of " + std::to_string(told) + " lines before it, and there are " +
                                       std::to_string(count - 2));
      }
      is_ended = true;
    } else {
      TRY(add_line(line, history));
    }
  }
  if (!is_ended) return fail(Errc::corrupt, "the file has no end; was it cut short?");
  return {};
}

}  // namespace

Result<void> read_history(const std::string& path, properties::History& history) {
  std::ifstream input(path);
  if (!input) return fail(Errc::not_found, "cannot open " + path);
  std::int64_t count = 0;
  auto done = read_lines(input, history, count);
  if (!done) return fail(done.error().code, path + " line " + std::to_string(count) + ": " + done.error().text);
  return {};
}

}  // namespace gregor::program

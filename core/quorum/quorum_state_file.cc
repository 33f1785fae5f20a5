#include "quorum/quorum_state_file.h"

#include <algorithm>
#include <limits>

#include "base/mutant.h"
#include "wire/json.h"

namespace gregor::quorum {

namespace {

using wire::Json;

constexpr std::size_t kBytesMax = 1 << 20;
constexpr std::int64_t kNobody = -1;

Json number(std::int64_t value) {
  return Json(value);
}

Result<std::int32_t> integer_of(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  const std::int64_t* value = member == nullptr ? nullptr : member->if_integer();
  if (value == nullptr || *value < -1 || *value > std::numeric_limits<std::int32_t>::max()) {
    return fail(Errc::malformed, "no number in " + std::string(name));
  }
  return static_cast<std::int32_t>(*value);
}

Result<Uuid> uuid_of(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  const std::string* text = member == nullptr ? nullptr : member->if_text();
  const auto id = text == nullptr ? std::nullopt : Uuid::from_text(*text);
  if (!id) return fail(Errc::malformed, "no id in " + std::string(name));
  return *id;
}

Result<raft::VoterSet> voters_of(const Json& object) {
  raft::VoterSet voters;
  const Json* listed = object.find("currentVoters");
  if (listed == nullptr || listed->is_null()) return voters;
  if (listed->if_array() == nullptr) return fail(Errc::malformed, "no list in currentVoters");
  for (const Json& voter : *listed->if_array()) {
    TRY_ASSIGN(const std::int32_t id, integer_of(voter, "voterId"));
    voters.push_back({.key = {NodeId{id}, {}}});
  }
  return voters;
}

Result<QuorumState> parse_object(const Json& object) {
  QuorumState state;
  TRY_ASSIGN(state.data_version, integer_of(object, "data_version"));
  if (state.data_version != 0 && state.data_version != 1) {
    return fail(Errc::unsupported, "data_version " + std::to_string(state.data_version));
  }
  TRY_ASSIGN(const std::int32_t epoch, integer_of(object, "leaderEpoch"));
  TRY_ASSIGN(const std::int32_t leader, integer_of(object, "leaderId"));
  TRY_ASSIGN(const std::int32_t voted, integer_of(object, "votedId"));
  state.election.epoch = LeaderEpoch{std::max(epoch, 0)};
  if (leader != kNobody) state.election.leader = NodeId{leader};
  if (voted != kNobody) state.election.voted = raft::VoterKey{.id = NodeId{voted}, .directory_id = {}};
  if (state.data_version == 0) {
    TRY_ASSIGN(state.voters, voters_of(object));
  } else if (state.election.voted) {
    TRY_ASSIGN(state.election.voted->directory_id, uuid_of(object, "votedDirectoryId"));
  }
  return state;
}

}  // namespace

ByteBuffer format_quorum_state(const QuorumState& state) {
  const raft::ElectionState& election = state.election;
  const std::int64_t leader = election.leader ? election.leader->value() : kNobody;
  const std::int64_t voted = election.voted ? election.voted->id.value() : kNobody;
  Json object;
  if (state.data_version == 0) object.set("clusterId", Json(std::string()));
  object.set("leaderId", number(leader));
  object.set("leaderEpoch", number(election.epoch.value()));
  object.set("votedId", number(voted));
  if (state.data_version == 0) {
    object.set("appliedOffset", number(0));
    Json::Array voters;
    for (const raft::Voter& voter : state.voters) {
      Json listed;
      listed.set("voterId", number(voter.key.id.value()));
      voters.push_back(std::move(listed));
    }
    object.set("currentVoters", Json(std::move(voters)));
  } else {
    object.set("votedDirectoryId", Json((election.voted ? election.voted->directory_id : Uuid{}).to_text()));
  }
  object.set("data_version", number(state.data_version));
  ByteBuffer content;
  append_bytes(content, bytes_of(object.to_text()));
  return content;
}

Result<QuorumState> parse_quorum_state(Bytes content) {
  TRY_ASSIGN(const Json object, Json::parse(text_of(content)));
  return parse_object(object);
}

Result<QuorumState> read_quorum_state(env::Fiber& self, env::Disk& disk, const std::string& folder) {
  const std::string path = folder + "/" + std::string(kQuorumStateFile);
  TRY_ASSIGN(const ByteBuffer content, env::read_file(self, disk, path, kBytesMax));
  auto state = parse_quorum_state(content);
  if (!state) return fail(state.error().code, path + ": " + state.error().text);
  return state;
}

Result<void> write_quorum_state(env::Fiber& self, env::Disk& disk, const std::string& folder,
                                const QuorumState& state) {
  const std::string path = folder + "/" + std::string(kQuorumStateFile);
  const ByteBuffer content = format_quorum_state(state);
  if (MUTANT(quorum_state_not_synced)) {
    TRY_ASSIGN(const auto file, disk.open(self, path, env::OpenMode::create));
    TRY(file->truncate(self, FilePosition{0}));
    return env::write_all(self, *file, FilePosition{0}, content);
  }
  return env::replace_file(self, disk, path, content);
}

}  // namespace gregor::quorum

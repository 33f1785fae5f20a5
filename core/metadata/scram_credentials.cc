#include "metadata/scram_credentials.h"

#include <map>
#include <set>

#include "metadata/refusal.h"
#include "metadata/scram_keys.h"
#include "wire/metadata_records.h"

namespace gregor::metadata {

namespace {

using wire::ErrorCode;

constexpr std::int32_t kIterationsMin = 4096;
constexpr std::int32_t kIterationsMax = 16384;

Verdict check_user(const std::string& user, std::int8_t mechanism) {
  if (user.empty()) return Refusal{ErrorCode::unacceptable_credential, "Username must not be empty"};
  if (mechanism != kScramSha256 && mechanism != kScramSha512) {
    return Refusal{ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism"};
  }
  return std::nullopt;
}

Verdict check(const Image& image, const ScramDeletion& deletion) {
  if (Verdict refusal = check_user(deletion.user, deletion.mechanism)) return refusal;
  if (image.scram_credentials().contains(ScramKey{deletion.user, deletion.mechanism})) return std::nullopt;
  return Refusal{ErrorCode::resource_not_found, "Attempt to delete a user credential that does not exist"};
}

Verdict check(const Image&, const ScramUpsertion& upsertion) {
  if (Verdict refusal = check_user(upsertion.user, upsertion.mechanism)) return refusal;
  if (upsertion.iterations < kIterationsMin) {
    return Refusal{ErrorCode::unacceptable_credential, "Too few iterations"};
  }
  if (upsertion.iterations > kIterationsMax) {
    return Refusal{ErrorCode::unacceptable_credential, "Too many iterations"};
  }
  return std::nullopt;
}

wire::UserScramCredentialRecord record_of(const ScramUpsertion& upsertion, const ScramKeys& keys) {
  return {.name = upsertion.user,
          .mechanism = upsertion.mechanism,
          .salt = upsertion.salt,
          .stored_key = keys.stored_key,
          .server_key = keys.server_key,
          .iterations = upsertion.iterations};
}

/// Who is named twice is refused whole.
class Changes {
 public:
  explicit Changes(const Image& image) : image_(image) {}

  template <class Change>
  void consider(const Change& change, std::map<std::string, const Change*>& good) {
    if (refused_.contains(change.user)) return;
    const bool was_deleted = deletions.erase(change.user) > 0;
    const bool was_set = upsertions.erase(change.user) > 0;
    Verdict refusal;
    if (was_deleted || was_set) {
      refusal = Refusal{ErrorCode::duplicate_resource, "A user credential cannot be altered twice in the same request"};
    } else {
      refusal = check(image_, change);
    }
    if (refusal) {
      refused_.emplace(change.user, *refusal);
    } else {
      good.emplace(change.user, &change);
    }
  }
  [[nodiscard]] const std::map<std::string, Refusal>& refused() const { return refused_; }

  std::map<std::string, const ScramDeletion*> deletions;
  std::map<std::string, const ScramUpsertion*> upsertions;

 private:
  const Image& image_;
  std::map<std::string, Refusal> refused_;
};

}  // namespace

Decision<AlteredScramCredential> decide_alter_scram_credentials(const Image& image,
                                                                const AlterScramCredentials& request) {
  Changes changes(image);
  for (const ScramDeletion& deletion : request.deletions) changes.consider(deletion, changes.deletions);
  for (const ScramUpsertion& upsertion : request.upsertions) changes.consider(upsertion, changes.upsertions);

  Decision<AlteredScramCredential> decision;
  const auto done = [&](const std::string& user) {
    decision.replies.push_back({.user = user, .error = ErrorCode::none, .error_message = std::nullopt});
  };
  for (const auto& [user, deletion] : changes.deletions) {
    decision.records.add(wire::RemoveUserScramCredentialRecord{.name = user, .mechanism = deletion->mechanism}, 0);
    done(user);
  }
  for (const auto& [user, upsertion] : changes.upsertions) {
    decision.records.add(record_of(*upsertion, scram_keys_of(upsertion->mechanism, upsertion->salted_password)), 0);
    done(user);
  }
  for (const auto& [user, refusal] : changes.refused()) {
    decision.replies.push_back({.user = user, .error = refusal.error, .error_message = refusal.text});
  }
  return decision;
}

std::vector<FoundScramUser> find_scram_users(const Image& image, const std::vector<std::string>& users) {
  std::map<std::string, int> times_asked;
  for (const std::string& user : users) ++times_asked[user];
  if (users.empty()) {
    for (const auto& [key, credential] : image.scram_credentials()) times_asked[key.user] = 1;
  }
  std::vector<FoundScramUser> found;
  for (const auto& [user, times] : times_asked) {
    FoundScramUser& reply =
        found.emplace_back(FoundScramUser{.user = user, .error = ErrorCode::none, .error_message = std::nullopt});
    if (times > 1) {
      reply.error = ErrorCode::duplicate_resource;
      reply.error_message = "Cannot describe SCRAM credentials for the same user twice in a single request: " + user;
      continue;
    }
    for (const std::int8_t mechanism : {kScramSha256, kScramSha512}) {
      const ScramCredential* credential = image.scram_credentials().find(ScramKey{user, mechanism});
      if (credential != nullptr) reply.credentials.push_back({mechanism, credential->iterations});
    }
    if (!reply.credentials.empty()) continue;
    reply.error = ErrorCode::resource_not_found;
    reply.error_message = "Attempt to describe a user credential that does not exist: " + user;
  }
  return found;
}

}  // namespace gregor::metadata

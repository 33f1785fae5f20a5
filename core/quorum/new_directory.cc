#include "quorum/new_directory.h"

namespace gregor::quorum {

bool is_new_directory(const storage::LogDirectory& directory) {
  return directory.meta() && directory.meta()->others.contains(kNewDirectoryKey);
}

bool has_first_voter(const storage::LogDirectory& directory) {
  return directory.meta() && directory.meta()->others.contains(kFirstVoterKey);
}

namespace {

Result<void> forget(env::Fiber& self, storage::LogDirectory& directory, const char* key) {
  storage::MetaProperties meta = *directory.meta();
  meta.others.erase(key);
  return directory.write_meta(self, meta);
}

}  // namespace

Result<void> forget_first_voter(env::Fiber& self, storage::LogDirectory& directory) {
  return forget(self, directory, kFirstVoterKey);
}

Result<void> forget_that_it_is_new(env::Fiber& self, storage::LogDirectory& directory) {
  return forget(self, directory, kNewDirectoryKey);
}

}  // namespace gregor::quorum

#include "client/outcome.h"

namespace gregor::client {

std::string Failure::to_text() const {
  std::string text = code == wire::ErrorCode::none ? error.text : std::string(wire::name_of(code));
  if (code != wire::ErrorCode::none && !error.text.empty()) text += ": " + error.text;
  if (fate == Fate::unknown) text += " (it may have happened all the same)";
  return text;
}

bool may_have_happened(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::unknown_server_error:
    case wire::ErrorCode::request_timed_out:
    case wire::ErrorCode::network_exception:
    case wire::ErrorCode::not_enough_replicas_after_append:
    case wire::ErrorCode::kafka_storage_error:
    case wire::ErrorCode::not_leader_or_follower:  // a leader that lost its role while the write waited says so too
    case wire::ErrorCode::not_controller:          // so does a controller that lost its office while the records did
      return true;
    default:
      return false;
  }
}

tl::unexpected<Failure> answered(wire::ErrorCode code, std::string text) {
  return tl::unexpected<Failure>(
      Failure{may_have_happened(code) ? Fate::unknown : Fate::failed, code, Error{Errc::invalid, std::move(text), 0}});
}

bool is_retriable(const Failure& failure) {
  if (failure.code != wire::ErrorCode::none) return wire::is_retriable(failure.code);
  switch (failure.error.code) {
    case Errc::closed:
    case Errc::timed_out:
    case Errc::io:
    case Errc::not_found:  // a name that does not resolve now
    case Errc::would_block:
      return true;
    default:
      return false;
  }
}

}  // namespace gregor::client

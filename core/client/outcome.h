// Outcome<T>: what a request came to. A client must tell "it did not happen" from "nobody knows": only the first may be
// treated as undone, and the simulator's histories rest on the difference.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/result.h"
#include "wire/error_code.h"

namespace gregor::client {

enum class Fate : unsigned char {
  failed,   ///< it had no effect, for sure
  unknown,  ///< it may have had its effect, or may have it yet
};

struct Failure {
  Fate fate = Fate::failed;
  wire::ErrorCode code = wire::ErrorCode::none;  ///< the broker's answer; none where there was no answer
  Error error;                                   ///< for people; its Errc where there was no answer
  /// "NOT_LEADER_OR_FOLLOWER: …" or the error's text; says when the outcome is unknown.
  [[nodiscard]] std::string to_text() const;
};

/// Ignoring one is a compile error.
template <class T>
class [[nodiscard]] Outcome : public tl::expected<T, Failure> {
 public:
  using tl::expected<T, Failure>::expected;
  Outcome(tl::expected<T, Failure> other) : tl::expected<T, Failure>(std::move(other)) {}
};

inline tl::unexpected<Failure> failed(Errc code, std::string text, Fate fate = Fate::failed) {
  return tl::unexpected<Failure>(Failure{fate, wire::ErrorCode::none, Error{code, std::move(text), 0}});
}
inline tl::unexpected<Failure> failed(Error error, Fate fate) {
  return tl::unexpected<Failure>(Failure{fate, wire::ErrorCode::none, std::move(error)});
}
/// The broker answered with an error. Its fate follows from the code, for requests that change something.
tl::unexpected<Failure> answered(wire::ErrorCode code, std::string text = {});
inline tl::unexpected<Failure> passed_on(Failure failure) {
  return tl::unexpected<Failure>(std::move(failure));
}

/// Whether a broker that answers a write with this code may have carried it out.
bool may_have_happened(wire::ErrorCode code);
/// Whether the same request may succeed later: the code says so, or the link failed.
bool is_retriable(const Failure& failure);

}  // namespace gregor::client

/// As TRY and TRY_ASSIGN, for Outcomes.
#define CLIENT_TRY_ASSIGN(declaration, expression) \
  CLIENT_TRY_ASSIGN_(TRY_NAME_(client_outcome_, __LINE__), declaration, expression)
#define CLIENT_TRY_ASSIGN_(temporary, declaration, expression)                      \
  auto temporary = (expression);                                                    \
  if (!temporary) return ::gregor::client::passed_on(std::move(temporary.error())); \
  declaration = std::move(*temporary)
#define CLIENT_TRY(expression)                                               \
  do {                                                                       \
    if (auto client_outcome = (expression); !client_outcome)                 \
      return ::gregor::client::passed_on(std::move(client_outcome.error())); \
  } while (false)

// Result<T>: a value, or the error that kept us from it. The shape is std::expected's (tl::expected until g++ has it).
// Operating errors travel as values; exceptions never cross a layer, and CHECK is for programmer errors.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace gregor {

/// What went wrong, as far as some caller acts on the difference. The text says the rest.
enum class Errc : unsigned char {
  would_block,  ///< nothing to read, or no room to write, just now
  io,           ///< the disk or the network failed; `os_error` says how
  no_space,     ///< the disk is full (ENOSPC, EDQUOT)
  not_found,    ///< no such file, topic, offset, address
  exists,       ///< it is there already
  malformed,    ///< bytes that do not parse; the text names field and position
  corrupt,      ///< bytes that parse but fail their checksum or an invariant of the format
  invalid,      ///< an argument or a setting is outside its range; the text names it
  unsupported,  ///< a version, codec or feature that is not served
  limit,        ///< a declared bound would be passed
  closed,       ///< the peer or the owner closed it
  timed_out,
  stale,  ///< epoch, generation or session is behind the newest known
};

/// Stable lower-case name of a code, for log lines.
const char* name_of(Errc code);

struct Error {
  Errc code = Errc::io;
  std::string text;  ///< one sentence for people, naming the thing
  int os_error = 0;  ///< errno where the seam reported one, else 0
};

/// Ignoring one is a compile error: tl::expected itself is not [[nodiscard]], so this alias is a class.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

/// `return fail(Errc::malformed, "…");`
inline tl::unexpected<Error> fail(Errc code, std::string text, int os_error = 0) {
  return tl::unexpected<Error>(Error{code, std::move(text), os_error});
}

/// Hands an error on: `if (!x) return fail(std::move(x.error()));`
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace gregor

/// Evaluates a Result; returns its error from the enclosing function, or names its value.
#define TRY_CONCAT_(a, b) a##b
#define TRY_NAME_(a, b) TRY_CONCAT_(a, b)
#define TRY_ASSIGN(declaration, expression) TRY_ASSIGN_(TRY_NAME_(try_result_, __LINE__), declaration, expression)
#define TRY_ASSIGN_(temporary, declaration, expression)                \
  auto temporary = (expression);                                       \
  if (!temporary) return ::gregor::fail(std::move(temporary.error())); \
  declaration = std::move(*temporary)
#define TRY(expression)                                                                                    \
  do {                                                                                                     \
    if (auto try_result = (expression); !try_result) return ::gregor::fail(std::move(try_result.error())); \
  } while (false)

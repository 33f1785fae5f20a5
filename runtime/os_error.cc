#include "runtime/os_error.h"

#include <cerrno>
#include <system_error>

namespace gregor::runtime {

Errc errc_of(int os_error) {
  switch (os_error) {
    case EAGAIN:
      return Errc::would_block;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Errc::no_space;
    case ENOENT:
    case ENOTDIR:
      return Errc::not_found;
    case EEXIST:
    case ENOTEMPTY:
    case EADDRINUSE:
      return Errc::exists;
    case EINVAL:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENAMETOOLONG:
      return Errc::invalid;
    case EOPNOTSUPP:
    case ENOSYS:
      return Errc::unsupported;
    case EMFILE:
    case ENFILE:
      return Errc::limit;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
      return Errc::closed;
    case ETIMEDOUT:
      return Errc::timed_out;
    default:
      return Errc::io;
  }
}

tl::unexpected<Error> os_failure(std::string_view what, int os_error) {
  return fail(errc_of(os_error), std::string(what) + ": " + std::generic_category().message(os_error), os_error);
}

}  // namespace gregor::runtime

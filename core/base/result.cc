#include "base/result.h"

namespace gregor {

const char* name_of(Errc code) {
  switch (code) {
    case Errc::would_block:
      return "would_block";
    case Errc::io:
      return "io";
    case Errc::no_space:
      return "no_space";
    case Errc::not_found:
      return "not_found";
    case Errc::exists:
      return "exists";
    case Errc::malformed:
      return "malformed";
    case Errc::corrupt:
      return "corrupt";
    case Errc::invalid:
      return "invalid";
    case Errc::unsupported:
      return "unsupported";
    case Errc::limit:
      return "limit";
    case Errc::closed:
      return "closed";
    case Errc::timed_out:
      return "timed_out";
    case Errc::stale:
      return "stale";
  }
  return "unknown";
}

}  // namespace gregor

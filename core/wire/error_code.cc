#include "wire/error_code.h"

namespace gregor::wire {

ErrorCode error_code_of(std::int16_t code) {
  switch (static_cast<ErrorCode>(code)) {
#define GREGOR_ERROR_KNOWN(number, enumerator, name, retriable) case ErrorCode::enumerator:
    GREGOR_ERROR_CODES(GREGOR_ERROR_KNOWN)
#undef GREGOR_ERROR_KNOWN
    return static_cast<ErrorCode>(code);
  }
  return ErrorCode::unknown_server_error;
}

std::string_view name_of(ErrorCode code) {
  switch (code) {
#define GREGOR_ERROR_NAME(number, enumerator, name, retriable) \
  case ErrorCode::enumerator:                                  \
    return #name;
    GREGOR_ERROR_CODES(GREGOR_ERROR_NAME)
#undef GREGOR_ERROR_NAME
  }
  return "UNKNOWN_SERVER_ERROR";
}

bool is_retriable(ErrorCode code) {
  switch (code) {
#define GREGOR_ERROR_RETRIABLE(number, enumerator, name, retriable) \
  case ErrorCode::enumerator:                                       \
    return retriable;
    GREGOR_ERROR_CODES(GREGOR_ERROR_RETRIABLE)
#undef GREGOR_ERROR_RETRIABLE
  }
  return false;
}

}  // namespace gregor::wire

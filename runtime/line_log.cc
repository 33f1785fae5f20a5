#include "runtime/line_log.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace gregor::runtime {

std::string utc_text(std::int64_t unix_ms) {
  std::int64_t ms = unix_ms % 1000;
  if (ms < 0) ms += 1000;
  const std::time_t seconds = (unix_ms - ms) / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(ms));
  return text;
}

void LineLog::line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) {
  if (level < least_) return;
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  std::string text = utc_text(std::chrono::duration_cast<Milliseconds>(since_1970).count());
  text += ' ';
  text += observe::format_line(level, event, fields);
  text += '\n';
  const std::lock_guard guard(mutex_);
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t taken = ::write(descriptor_, text.data() + written, text.size() - written);
    if (taken < 0 && errno != EINTR) return;
    if (taken > 0) written += static_cast<std::size_t>(taken);
  }
}

}  // namespace gregor::runtime

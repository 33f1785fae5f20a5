#include "broker/bounded_log.h"

namespace gregor::broker {

BoundedLog::~BoundedLog() {
  if (timer_ != 0) clock_.disarm(timer_);
}

void BoundedLog::line(observe::Level level, std::string_view event, std::initializer_list<observe::Field> fields) {
  const MonotonicTime now = clock_.now();
  if (now >= second_end_) {
    second_end_ = now + std::chrono::seconds(1);
    passed_ = 0;
  }
  if (passed_ < kLinesPerSecondMax) {
    ++passed_;
    return log_.line(level, event, fields);
  }
  ++withheld_;
  if (timer_ == 0) timer_ = clock_.arm(second_end_, [this] { tell_withheld(); });
}

void BoundedLog::tell_withheld() {
  timer_ = 0;
  log_.warn("log.lines_withheld", {{"lines", withheld_}});
  withheld_ = 0;
}

}  // namespace gregor::broker

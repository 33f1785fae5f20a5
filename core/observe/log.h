// The log for people: one line an event, `key=value` after a name. Writing a line changes nothing else.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace gregor::observe {

enum class Level : unsigned char { debug, info, warn, error };

struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <class Int>
  requires std::is_integral_v<Int> Field(std::string_view k, Int v) : key(k), value(std::to_string(v)) {}
  std::string_view key;
  std::string value;
};

class Log {
 public:
  virtual ~Log() = default;
  /// `event` is a short stable name ("broker.ready"); fields keep their order. Callable from any shard.
  virtual void line(Level level, std::string_view event, std::initializer_list<Field> fields) = 0;

  void info(std::string_view event, std::initializer_list<Field> fields) { line(Level::info, event, fields); }
  void warn(std::string_view event, std::initializer_list<Field> fields) { line(Level::warn, event, fields); }
  void error(std::string_view event, std::initializer_list<Field> fields) { line(Level::error, event, fields); }
};

/// One line of text without a newline: `LEVEL event key=value key="two words"`. Control characters are escaped.
std::string format_line(Level level, std::string_view event, std::initializer_list<Field> fields);

class NullLog final : public Log {
 public:
  void line(Level, std::string_view, std::initializer_list<Field>) override {}
};

}  // namespace gregor::observe

#include "observe/exposition.h"

namespace gregor::observe {
namespace {

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return "untyped";
}

void append_escaped(std::string& text, std::string_view value, bool is_label) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\\' || (is_label && c == '"')) {
      text += '\\';
      text += c;
    } else {
      text += c;
    }
  }
}

/// Microseconds as milliseconds, without a floating point number on the way.
std::string milliseconds(std::int64_t us) {
  std::string text = std::to_string(us / 1000);
  if (us % 1000 == 0) return text;
  const std::string fraction = std::to_string(us % 1000);
  text += '.';
  text.append(3 - fraction.size(), '0');
  return text += fraction;
}

}  // namespace

void Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  family_ = name;
  text_ += "# HELP ";
  text_ += name;
  text_ += ' ';
  append_escaped(text_, help, false);
  text_ += "\n# TYPE ";
  text_ += name;
  text_ += ' ';
  text_ += name_of(type);
  text_ += '\n';
}

void Exposition::line(std::string_view suffix, Labels labels, std::string_view bound, std::string_view value) {
  text_ += family_;
  text_ += suffix;
  bool is_first = true;
  const auto put = [&](std::string_view name, std::string_view text) {
    text_ += is_first ? '{' : ',';
    is_first = false;
    text_ += name;
    text_ += "=\"";
    append_escaped(text_, text, true);
    text_ += '"';
  };
  for (const Label& label : labels) put(label.name, label.value);
  if (!bound.empty()) put("le", bound);
  if (!is_first) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void Exposition::sample(Labels labels, std::int64_t value) {
  line("", labels, "", std::to_string(value));
}

void Exposition::sample(Labels labels, const Histogram& histogram) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < Histogram::kBounds; ++i) {
    below += histogram.in_bucket(i);
    line("_bucket", labels, milliseconds(Histogram::bound_us(i)), std::to_string(below));
  }
  const std::string count = std::to_string(histogram.count());
  line("_bucket", labels, "+Inf", count);
  line("_sum", labels, "", milliseconds(histogram.sum_us()));
  line("_count", labels, "", count);
}

}  // namespace gregor::observe

// Prometheus' text format, version 0.0.4: families of samples as one text. Pure; knows no metric by name.
//
// Promises: each family's lines stand together under one HELP and one TYPE; label values are escaped; numbers read back
// as they were written. Source: the exposition format page of prometheus.io.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "observe/histogram.h"

namespace gregor::observe {

enum class MetricType : unsigned char { counter, gauge, histogram };

struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

class Exposition {
 public:
  /// Begins a family; every sample up to the next family belongs to it. `name` is of [a-z_][a-z0-9_]*, once a text.
  void family(std::string_view name, MetricType type, std::string_view help);
  /// Requires a family of type counter or gauge.
  void sample(Labels labels, std::int64_t value);
  /// Requires a family of type histogram: its buckets, in milliseconds as Kafka's timings are, its sum and its count.
  void sample(Labels labels, const Histogram& histogram);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view bound, std::string_view value);

  std::string text_;
  std::string family_;
};

}  // namespace gregor::observe

// Tagged<Int, Tag>: an integer with a meaning of its own, so that an offset cannot be passed where an epoch is wanted.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace gregor {

template <class Int, class Tag>
class Tagged {
 public:
  using Value = Int;
  constexpr Tagged() = default;
  constexpr explicit Tagged(Int value) : value_(value) {}
  [[nodiscard]] constexpr Int value() const { return value_; }
  constexpr auto operator<=>(const Tagged&) const = default;

  constexpr Tagged operator+(Int steps) const { return Tagged(static_cast<Int>(value_ + steps)); }
  constexpr Tagged operator-(Int steps) const { return Tagged(static_cast<Int>(value_ - steps)); }
  constexpr Int operator-(Tagged other) const { return static_cast<Int>(value_ - other.value_); }
  constexpr Tagged& operator++() {
    ++value_;
    return *this;
  }

 private:
  Int value_{};
};

}  // namespace gregor

/// For lookup-only maps. Iterating an unordered container is banned in core/ (its order is not determined).
template <class Int, class Tag>
struct std::hash<gregor::Tagged<Int, Tag>> {
  std::size_t operator()(const gregor::Tagged<Int, Tag>& id) const noexcept { return std::hash<Int>{}(id.value()); }
};

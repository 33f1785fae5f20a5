// UniqueFunction<R(A...)>: a callable that is moved, never copied, so it may own what it needs (std::move_only_function
// is C++23).
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace gregor {

template <class Signature>
class UniqueFunction;

template <class R, class... A>
class UniqueFunction<R(A...)> {
 public:
  UniqueFunction() = default;
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F&, A...>)
      UniqueFunction(F callable)
      : held_(std::make_unique<Holder<F>>(std::move(callable))) {}  // NOLINT: implicit as std::function is

  explicit operator bool() const { return held_ != nullptr; }
  R operator()(A... arguments) {
    CHECK(held_ != nullptr);
    return held_->call(std::forward<A>(arguments)...);
  }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual R call(A... arguments) = 0;
  };
  template <class F>
  struct Holder final : Callable {
    explicit Holder(F f) : callable(std::move(f)) {}
    R call(A... arguments) override { return callable(std::forward<A>(arguments)...); }
    F callable;
  };
  std::unique_ptr<Callable> held_;
};

}  // namespace gregor

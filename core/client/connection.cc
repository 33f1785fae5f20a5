#include "client/connection.h"

#include <deque>
#include <map>

#include "base/check.h"
#include "env/stream.h"
#include "wire/api_versions.h"

namespace gregor::client {

struct Connection::State {
  State(env::Shard& s, LinkSettings with, env::Endpoint at) : shard(s), settings(std::move(with)), to(std::move(at)) {}

  /// Ends the link: whoever waits hears `why`, with fate unknown. From a fiber or the loop; idempotent.
  void end(Error why) {
    if (!is_open) return;
    is_open = false;
    ended = std::move(why);
    if (env::Fiber* fiber = std::exchange(reader, nullptr)) fiber->cancel();
    std::deque<std::shared_ptr<Call>> waiting;
    waiting.swap(pending);
    for (const auto& call : waiting) finish(*call, failed(ended, Fate::unknown));
    room.wake_all();
    release_stream();
  }
  void finish(Call& call, Outcome<ByteBuffer> outcome) {
    if (call.timer_ != 0) shard.clock.disarm(std::exchange(call.timer_, 0));
    call.finish(std::move(outcome));
  }
  /// Closes the socket once no fiber reads or writes.
  void release_stream() {
    if (!is_open && !is_reading && !is_writing) stream.reset();
  }

  env::Shard& shard;
  const LinkSettings settings;
  const env::Endpoint to;
  std::unique_ptr<env::Stream> stream;
  bool is_open = true;
  bool is_reading = false;
  bool is_writing = false;
  Error ended;
  env::Fiber* reader = nullptr;               ///< null once it ended or was told to
  std::deque<std::shared_ptr<Call>> pending;  ///< in the order in which the requests went out
  env::FiberMutex writing;
  env::WaitQueue room;
  std::int32_t next_correlation_id = 1;
  struct Range {
    std::int16_t least = 0;
    std::int16_t most = -1;
  };
  std::map<std::int16_t, Range> versions;
};

namespace {

/// Runs `last` when the scope is left, by an exception too.
template <class F>
class AtExit {
 public:
  explicit AtExit(F last) : last_(std::move(last)) {}
  ~AtExit() { last_(); }
  AtExit(const AtExit&) = delete;
  AtExit& operator=(const AtExit&) = delete;

 private:
  F last_;
};

constexpr std::size_t kSizePrefixBytes = 4;
constexpr std::size_t kCorrelationIdBytes = 4;

}  // namespace

Outcome<ByteBuffer> Call::await(env::Fiber& self) {
  while (!done_) waiting_.wait(self);
  return std::move(outcome_);
}

void Call::finish(Outcome<ByteBuffer> outcome) {
  done_ = true;
  outcome_ = std::move(outcome);
  waiting_.wake_all();
  if (auto when_done = std::exchange(when_done_, nullptr)) when_done();
}

Connection::Connection(std::shared_ptr<State> state) : state_(std::move(state)) {}

Connection::~Connection() {
  close();
}

void Connection::close() {
  state_->end(Error{Errc::closed, "the link was closed", 0});
}

bool Connection::is_open() const {
  return state_->is_open;
}

const env::Endpoint& Connection::peer() const {
  return state_->to;
}

std::int32_t Connection::next_correlation_id() {
  return state_->next_correlation_id++;
}

std::string_view Connection::client_id() const {
  return state_->settings.client_id;
}

Outcome<std::shared_ptr<Connection>> Connection::open(env::Fiber& self, env::Shard& shard, const env::Endpoint& to,
                                                      const LinkSettings& settings) {
  auto socket = shard.network.connect(self, to, settings.connect_timeout);
  if (!socket) return failed(std::move(socket.error()), Fate::failed);
  auto state = std::make_shared<State>(shard, settings, to);
  state->stream = std::make_unique<env::Stream>(std::move(*socket));
  /// Goes with the fiber's entry, whether that ever runs or not.
  struct Ticket {
    explicit Ticket(std::shared_ptr<State> s) : state(std::move(s)) {}
    Ticket(Ticket&&) = default;
    ~Ticket() {
      if (state) state->reader = nullptr;
    }
    std::shared_ptr<State> state;
  };
  std::shared_ptr<Connection> link(new Connection(state));
  state->reader = &shard.fibers.spawn(
      "client.link", [ticket = Ticket(state)](env::Fiber& fiber) { read_answers(fiber, ticket.state); });
  if (auto learned = link->learn_versions(self); !learned) {
    learned.error().fate = Fate::failed;
    return passed_on(std::move(learned.error()));
  }
  return link;
}

Outcome<void> Connection::learn_versions(env::Fiber& self) {
  constexpr std::int16_t kVersionAsked = 3;
  const wire::ApiVersionsRequest request{.client_software_name = "gregor", .client_software_version = "0.1.0"};
  for (std::int16_t version : {kVersionAsked, std::int16_t{0}}) {
    CLIENT_TRY_ASSIGN(const std::shared_ptr<Call> call, start(self, request, version));
    CLIENT_TRY_ASSIGN(ByteBuffer frame, call->await(self));
    const bool is_refused =
        frame.size() >= kCorrelationIdBytes + 2 && load_big_endian<std::int16_t>(frame.data() + kCorrelationIdBytes) ==
                                                       wire_code(wire::ErrorCode::unsupported_version);
    if (is_refused && version != 0) continue;  // an older broker: its answer has the form of version 0
    CLIENT_TRY_ASSIGN(const auto reply, decode_reply<wire::ApiVersionsResponse>(std::move(frame), version));
    if (reply.body.error_code != 0) return answered(wire::error_code_of(reply.body.error_code), "ApiVersions");
    for (const auto& api : reply.body.api_keys) state_->versions[api.api_key] = {api.min_version, api.max_version};
    return {};
  }
  return failed(Errc::unsupported, "the broker answers no version of ApiVersions");
}

Outcome<std::int16_t> Connection::version_of(wire::ApiKey key, std::int16_t ours_min, std::int16_t ours_max) const {
  const auto found = state_->versions.find(static_cast<std::int16_t>(key));
  const auto theirs = found == state_->versions.end() ? State::Range{} : found->second;
  const std::int16_t version = std::min(ours_max, theirs.most);
  if (version < ours_min || version < theirs.least) {
    return failed(Errc::unsupported, "the broker serves no version of API " +
                                         std::to_string(static_cast<std::int16_t>(key)) + " that we know");
  }
  return version;
}

Outcome<std::shared_ptr<Call>> Connection::send(env::Fiber& self, ByteBuffer frame, std::int32_t correlation_id,
                                                std::function<void()> when_done, bool expects_answer) {
  const std::shared_ptr<State> state = state_;  // outlives this call even when the connection does not
  const MonotonicTime deadline = state->shard.clock.now() + state->settings.request_timeout;
  const auto turn = state->writing.lock(self);  // first: who waits here must find the room that it saw
  while (state->is_open && state->pending.size() >= state->settings.in_flight_max) {
    if (!state->room.wait_until(self, state->shard.clock, deadline)) {
      return failed(Errc::timed_out, "too many requests are under way to " + to_text(state->to));
    }
  }
  if (!state->is_open) return failed(state->ended, Fate::failed);

  auto call = std::make_shared<Call>();
  call->correlation_id_ = correlation_id;
  if (expects_answer) {
    call->when_done_ = std::move(when_done);
    call->timer_ = state->shard.clock.arm(deadline, [weak = std::weak_ptr<State>(state)] {
      if (const auto late = weak.lock())
        late->end(Error{Errc::timed_out, "no answer from " + to_text(late->to) + " in time", 0});
    });
    state->pending.push_back(call);
  }
  state->is_writing = true;
  bool is_written = false;
  const AtExit after([&] {
    state->is_writing = false;
    if (!is_written) state->end(Error{Errc::closed, "a request could not be written whole", 0});
    state->release_stream();
  });
  const auto written = state->stream->write_all(self, state->shard.clock, frame, deadline);
  if (!written) return failed(written.error(), Fate::unknown);
  is_written = true;
  if (!expects_answer) call->finish(ByteBuffer{});
  return call;
}

void Connection::read_answers(env::Fiber& self, const std::shared_ptr<State>& state) {
  if (!state->is_open) return;
  state->is_reading = true;
  const AtExit after([&] {
    state->is_reading = false;
    state->reader = nullptr;  // this fiber: nobody need tell it to end
    state->end(Error{Errc::closed, "the link to " + to_text(state->to) + " ended", 0});
    state->release_stream();
  });
  while (state->is_open) {
    std::array<std::byte, kSizePrefixBytes> prefix;
    if (!state->stream->read_exactly(self, state->shard.clock, prefix, kForever) || !state->is_open) return;
    const auto size = load_big_endian<std::int32_t>(prefix.data());
    if (size < static_cast<std::int32_t>(kCorrelationIdBytes) ||
        static_cast<std::size_t>(size) > state->settings.response_bytes_max) {
      return state->end(Error{Errc::malformed, "an answer of " + std::to_string(size) + " bytes", 0});
    }
    ByteBuffer frame(static_cast<std::size_t>(size));
    if (!state->stream->read_exactly(self, state->shard.clock, frame, kForever) || !state->is_open) return;
    if (state->pending.empty() ||
        load_big_endian<std::int32_t>(frame.data()) != state->pending.front()->correlation_id_) {
      return state->end(Error{Errc::malformed, "an answer that nobody waits for", 0});
    }
    const std::shared_ptr<Call> call = state->pending.front();
    state->pending.pop_front();
    state->room.wake_one();
    state->finish(*call, std::move(frame));
  }
}

}  // namespace gregor::client

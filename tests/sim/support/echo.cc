#include "tests/sim/support/echo.h"

namespace gregor::sim::testing {
namespace {

constexpr Nanoseconds kPatience = std::chrono::seconds(20);
constexpr std::size_t kChunkBytes = 4096;

/// Reads what is there, waiting for the first byte. 0 at the end of the stream.
class Reader final : env::SocketWatcher {
 public:
  explicit Reader(env::Socket& socket) : socket_(socket) { socket_.watch(this); }
  ~Reader() override { socket_.watch(nullptr); }
  Result<std::size_t> read(env::Fiber& self, MutableBytes into) {
    while (true) {
      Result<std::size_t> taken = socket_.read(into);
      if (taken || taken.error().code != Errc::would_block) return taken;
      edge_.wait(self);
    }
  }
  Result<void> write(env::Fiber& self, Bytes bytes) {
    while (!bytes.empty()) {
      Result<std::size_t> taken = socket_.write(std::span(&bytes, 1));
      if (taken) {
        bytes = bytes.subspan(*taken);
      } else if (taken.error().code == Errc::would_block) {
        edge_.wait(self);
      } else {
        return fail(taken.error());
      }
    }
    return {};
  }

 private:
  void on_readable() override { edge_.wake_all(); }
  void on_writable() override { edge_.wake_all(); }
  env::Socket& socket_;
  env::WaitQueue edge_;
};

}  // namespace

void EchoServer::on_accept(std::unique_ptr<env::Socket> socket) {
  auto entry = [this, kept = std::move(socket)](env::Fiber& self) mutable { serve(self, std::move(kept)); };
  shard_.fibers.spawn("echo", std::move(entry));
}

void EchoServer::serve(env::Fiber& self, std::unique_ptr<env::Socket> socket) {
  Reader reader(*socket);
  ByteBuffer chunk(kChunkBytes);
  while (true) {
    const Result<std::size_t> taken = reader.read(self, chunk);
    if (!taken || *taken == 0) return;
    if (!reader.write(self, Bytes(chunk).first(*taken))) return;
  }
}

void EchoServer::run(env::Fiber& self) {
  const auto listener = shard_.network.listen({"0.0.0.0", kEchoPort}, *this);
  CHECK(listener.has_value());
  while (true) self.park();
}

void serve_echo(env::Fiber& self, env::Shard& shard) {
  EchoServer(shard).run(self);
}

Result<std::uint32_t> echo_once(env::Fiber& self, env::Shard& shard, const env::Endpoint& server,
                                std::uint32_t messages, std::size_t length) {
  TRY_ASSIGN(std::unique_ptr<env::Socket> socket, shard.network.connect(self, server, kPatience));
  env::Stream stream(std::move(socket));
  std::uint32_t echoed = 0;
  for (std::uint32_t i = 0; i < messages; ++i) {
    std::string text = std::to_string(i) + ":";
    text.resize(text.size() + length, static_cast<char>('a' + i % 26));
    TRY(stream.write_all(self, shard.clock, bytes_of(text), shard.clock.now() + kPatience));
    ByteBuffer answer(text.size());
    TRY(stream.read_exactly(self, shard.clock, answer, shard.clock.now() + kPatience));
    if (text_of(answer) != text) return fail(Errc::corrupt, "not what was sent");
    ++echoed;
  }
  return echoed;
}

env::Endpoint echo_of(World& world, NodeIndex node) {
  return {world.network().host(node).address_v4, kEchoPort};
}

}  // namespace gregor::sim::testing

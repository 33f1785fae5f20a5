#include "broker/doors.h"

#include "broker/broker_shard.h"

namespace gregor::broker {

class Doors::Porter final : public env::Acceptor {
 public:
  Porter(BrokerShard& shard, std::string listener) : shard_(shard), listener_(std::move(listener)) {}
  void on_accept(std::unique_ptr<env::Socket> socket) override { shard_.accept(std::move(socket), listener_); }

 private:
  BrokerShard& shard_;
  const std::string listener_;
};

Side side_of(const config::BrokerConfig& config, const std::string& listener) {
  return config.is_controller_listener(listener) ? Side::controllers : Side::clients;
}

Doors::Doors() = default;
Doors::~Doors() = default;

void Doors::close(Side side) {
  std::erase_if(open_, [side](Open& door) {
    if (door.side == side) door.listener.reset();  // before its porter, whom it calls
    return door.side == side;
  });
}

Result<BoundDoor> Doors::open(BrokerShard& shard, const std::string& listener, const env::Endpoint& at) {
  auto porter = std::make_unique<Porter>(shard, listener);
  auto opened = shard.shard.network.listen(at, *porter);
  if (!opened) {
    Error error = std::move(opened.error());
    if (error.code == Errc::exists)
      error.text = "port " + std::to_string(at.port) + " of " + at.address +
                   " is in use; choose another with --port or listeners=";
    return fail(std::move(error));
  }
  BoundDoor door{listener, (*opened)->local()};
  open_.push_back({side_of(shard.core.config, listener), std::move(porter), std::move(*opened)});
  return door;
}

namespace {
Error unusable(const config::Listener& listener, Error error) {
  error.text = "listener " + config::to_text(listener) + " cannot be served (" + error.text +
               "): listeners= wants an address and a port of this machine";
  return error;
}
}  // namespace

Result<std::vector<BoundDoor>> Doors::bind_one(env::Fiber& self, BrokerShard& shard, const config::Listener& listener) {
  std::vector<std::string> addresses = {"::", "0.0.0.0"};
  const bool is_anywhere = listener.host.empty();
  if (!is_anywhere) {
    auto resolved = shard.shard.network.resolve(self, listener.host);
    if (!resolved) return fail(unusable(listener, std::move(resolved.error())));
    addresses = std::move(*resolved);
  }
  std::vector<BoundDoor> bound;
  Error last{.code = Errc::not_found, .text = "no address to bind"};
  for (const std::string& address : addresses) {
    // One name, one port: the addresses behind the first take the port that it got.
    auto door = open(shard, listener.name, {address, bound.empty() ? listener.port : bound.front().at.port});
    if (!door) {
      last = std::move(door.error());
      if (last.code != Errc::invalid && last.code != Errc::unsupported) break;
      continue;  // a family that this machine lacks
    }
    bound.push_back(std::move(*door));
    if (is_anywhere) break;  // "::" takes IPv4 too
  }
  if (last.code == Errc::exists) return fail(std::move(last));
  if (bound.empty()) return fail(unusable(listener, std::move(last)));
  return bound;
}

Result<std::vector<BoundDoor>> Doors::bind(env::Fiber& self, BrokerShard& shard) {
  std::vector<BoundDoor> all;
  for (const config::Listener& listener : shard.config().listeners) {
    TRY_ASSIGN(auto bound, bind_one(self, shard, listener));
    for (BoundDoor& door : bound) all.push_back(std::move(door));
  }
  return all;
}

Result<void> Doors::join(BrokerShard& shard, const std::vector<BoundDoor>& doors) {
  for (const BoundDoor& door : doors) {
    if (auto joined = open(shard, door.listener, door.at); !joined) return fail(std::move(joined.error()));
  }
  return {};
}

}  // namespace gregor::broker

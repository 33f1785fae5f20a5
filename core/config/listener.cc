#include "config/listener.h"

#include <algorithm>

#include "config/value.h"

namespace gregor::config {
namespace {

constexpr std::string_view kHostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:%";

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

/// "host:port", "[::1]:port", ":port", and "::1:port", where the last colon parts them.
Result<HostPort> parse_host_port(std::string_view text, std::string_view whole) {
  const auto wrong = [&](const std::string& why) {
    return fail(Errc::invalid, "'" + std::string(whole) + "' is no endpoint: " + why);
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("it wants host:port");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') != host.ends_with(']')) return wrong("its brackets do not match");
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (host.find_first_not_of(kHostCharacters) != std::string_view::npos)
    return wrong("its host holds a stray character");
  const auto port = parse_integer(text.substr(colon + 1), 0, 65535);
  if (!port) return wrong("its port is not a number from 0 to 65535");
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_v6(const Listener& listener) {
  return listener.host.find(':') != std::string::npos;
}

bool clash(const Listener& a, const Listener& b) {
  return a.port != 0 && a.port == b.port && is_v6(a) == is_v6(b);
}

}  // namespace

std::string to_text(const Listener& listener) {
  const std::string host = is_v6(listener) ? "[" + listener.host + "]" : listener.host;
  return listener.name + "://" + host + ":" + std::to_string(listener.port);
}

Result<Listener> parse_listener(std::string_view text) {
  text = trimmed(text);
  const auto separator = text.find("://");
  if (separator == std::string_view::npos || separator == 0) {
    return fail(Errc::invalid,
                "'" + std::string(text) + "' is no listener: it wants NAME://host:port, the host may be empty");
  }
  TRY_ASSIGN(HostPort at, parse_host_port(text.substr(separator + 3), text));
  return Listener{upper_case(text.substr(0, separator)), std::move(at.host), at.port};
}

Result<std::vector<Listener>> parse_listeners(std::string_view text) {
  std::vector<Listener> listeners;
  for (const std::string& element : parse_list(text)) {
    TRY_ASSIGN(Listener listener, parse_listener(element));
    for (const Listener& other : listeners) {
      if (other.name == listener.name) return fail(Errc::invalid, "two listeners are named " + listener.name);
      if (clash(other, listener)) {
        return fail(Errc::invalid, "listeners " + to_text(other) + " and " + to_text(listener) + " want the same port");
      }
    }
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

Result<std::vector<Voter>> parse_voters(std::string_view text) {
  std::vector<Voter> voters;
  for (const std::string& element : parse_list(text)) {
    const auto at = element.find('@');
    const auto id = parse_integer(std::string_view(element).substr(0, at), 0, INT32_MAX);
    if (at == std::string::npos || !id) {
      return fail(Errc::invalid, "'" + element + "' is no voter: it wants id@host:port");
    }
    TRY_ASSIGN(HostPort address, parse_host_port(std::string_view(element).substr(at + 1), element));
    voters.push_back({static_cast<std::int32_t>(*id), std::move(address.host), address.port});
  }
  return voters;
}

Listener advertised_to(std::span<const Listener> advertised, std::string_view name, std::string_view local_host,
                       std::uint16_t local_port) {
  const auto named =
      std::find_if(advertised.begin(), advertised.end(), [&](const Listener& l) { return l.name == name; });
  if (named != advertised.end()) return *named;
  return {std::string(name), std::string(local_host), local_port};
}

}  // namespace gregor::config

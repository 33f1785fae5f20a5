#include "runtime/http_door.h"

#include <array>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <optional>

namespace gregor::runtime {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::empty_body>;

struct Asked {
  bool is_head = false;
  bool keeps_alive = false;
  std::string path;
};

std::string head_of(const HttpAnswer& answer, bool keeps_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  head.append(reason.data(), reason.size());
  head += "\r\nContent-Type: " + answer.content_type + "\r\nContent-Length: " + std::to_string(answer.body.size());
  head += keeps_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return head;
}

HttpAnswer complaint(unsigned status, std::string text) {
  return {.status = status, .body = std::move(text) + '\n'};
}

/// What is wrong with a request that was read, if anything.
std::optional<HttpAnswer> refusal(const Parser& parser) {
  const auto& request = parser.get();
  if (request.method() != http::verb::get && request.method() != http::verb::head)
    return complaint(405, "only GET and HEAD are served here");
  if (parser.chunked() || parser.content_length().value_or(0) > 0) return complaint(413, "a body is not read here");
  return std::nullopt;
}

Asked asked_of(const Parser& parser) {
  const auto& request = parser.get();
  const std::string target(request.target());
  return {.is_head = request.method() == http::verb::head,
          .keeps_alive = parser.keep_alive(),
          .path = target.substr(0, target.find('?'))};
}

bool send(env::Fiber& self, env::Clock& clock, env::Stream& stream, const HttpAnswer& answer, const Asked& asked) {
  std::string text = head_of(answer, asked.keeps_alive);
  if (!asked.is_head) text += answer.body;
  return stream.write_all(self, clock, bytes_of(text), clock.now() + kHttpPatience).has_value() && asked.keeps_alive;
}

}  // namespace

Result<env::Endpoint> HttpDoor::open(env::Fiber& self, const std::string& host, std::uint16_t port) {
  std::vector<std::string> addresses = {"::", "0.0.0.0"};
  if (!host.empty()) {
    TRY_ASSIGN(addresses, shard_.network.resolve(self, host));
  }
  Error last{.code = Errc::not_found, .text = "no address to bind"};
  for (const std::string& address : addresses) {
    const std::uint16_t chosen = listeners_.empty() ? port : listeners_.front()->local().port;
    auto listener = shard_.network.listen({address, chosen}, *this);
    if (listener) {
      listeners_.push_back(std::move(*listener));
      if (host.empty()) break;  // "::" takes IPv4 too
      continue;
    }
    last = std::move(listener.error());
    if (last.code == Errc::exists) break;
  }
  if (!listeners_.empty() && last.code != Errc::exists) return listeners_.front()->local();
  listeners_.clear();
  if (last.code == Errc::exists) last.text = "port " + std::to_string(port) + " is in use; choose another";
  return fail(std::move(last));
}

HttpDoor::Visit::~Visit() {
  door.visits_.erase(this);
  door.ended_.wake_all();
}

void HttpDoor::close(env::Fiber& self) {
  listeners_.clear();
  for (Visit* visit : visits_) visit->fiber->cancel();
  while (!visits_.empty()) ended_.wait(self);
}

void HttpDoor::on_accept(std::unique_ptr<env::Socket> socket) {
  if (visits_.size() >= kHttpConnectionsMax) return;
  auto visit = std::make_unique<Visit>(*this, std::move(socket));
  Visit& kept = *visit;
  visits_.insert(&kept);
  kept.fiber = &shard_.fibers.spawn("http", [this, visit = std::move(visit)](env::Fiber& self) {
    while (serve_one(self, *visit)) {
    }
  });
}

/// False when the connection is to end.
bool HttpDoor::serve_one(env::Fiber& self, Visit& visit) {
  const MonotonicTime deadline = shard_.clock.now() + kHttpPatience;
  const auto refuse = [&](const HttpAnswer& answer) {
    send(self, shard_.clock, visit.stream, answer, {});
    return false;
  };
  Parser parser;
  parser.header_limit(kHttpHeaderBytesMax);
  std::array<std::byte, 1024> room;
  while (!parser.is_header_done()) {
    boost::beast::error_code error;
    if (!visit.unread.empty()) visit.unread.erase(0, parser.put(boost::asio::buffer(visit.unread), error));
    if (error == http::error::header_limit) return refuse(complaint(431, "the header is too large"));
    if (error && error != http::error::need_more) return refuse(complaint(400, "not a request: " + error.message()));
    if (parser.is_header_done()) break;
    const auto taken = visit.stream.read_some(self, shard_.clock, room, deadline);
    if (!taken || *taken == 0) return false;
    visit.unread.append(reinterpret_cast<const char*>(room.data()), *taken);
  }
  if (const auto wrong = refusal(parser)) return refuse(*wrong);
  const Asked asked = asked_of(parser);
  return send(self, shard_.clock, visit.stream, handler_(self, asked.path), asked);
}

}  // namespace gregor::runtime

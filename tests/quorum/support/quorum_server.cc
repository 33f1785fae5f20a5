#include "tests/quorum/support/quorum_server.h"

#include <array>

#include "env/stream.h"
#include "wire/api_versions.h"
#include "wire/frame.h"

namespace gregor::quorum {

namespace {

template <class Response>
Result<ByteBuffer> frame_of(const wire::RequestHeader& header, const Response& response) {
  TRY_ASSIGN(const auto frame,
             wire::encode_response_frame(header.correlation_id, response, header.request_api_version));
  return frame.flatten();
}

template <class Request, class Work>
Result<ByteBuffer> serve_as(wire::Reader& body, const wire::RequestHeader& header, Work work) {
  Request request;
  TRY(decode(body, request, header.request_api_version));
  wire::Arena arena;
  return frame_of(header, work(request, arena));
}

wire::ApiVersionsResponse versions() {
  wire::ApiVersionsResponse response;
  const auto row = [&](wire::ApiKey key, std::int16_t least, std::int16_t most) {
    response.api_keys.push_back({.api_key = static_cast<std::int16_t>(key), .min_version = least, .max_version = most});
  };
  row(wire::ApiKey::api_versions, 0, 4);
  row(wire::ApiKey::vote, 0, 2);
  row(wire::ApiKey::begin_quorum_epoch, 0, 1);
  row(wire::ApiKey::end_quorum_epoch, 0, 1);
  row(wire::ApiKey::fetch, 4, 18);
  row(wire::ApiKey::fetch_snapshot, 0, 1);
  row(wire::ApiKey::describe_quorum, 0, 2);
  row(wire::ApiKey::add_raft_voter, 0, 1);
  row(wire::ApiKey::remove_raft_voter, 0, 0);
  row(wire::ApiKey::update_raft_voter, 0, 0);
  return response;
}

}  // namespace

Result<void> QuorumServer::listen() {
  TRY_ASSIGN(listener_, shard_.network.listen({"0.0.0.0", kQuorumPort}, *this));
  return {};
}

void QuorumServer::on_accept(std::unique_ptr<env::Socket> socket) {
  shard_.fibers.spawn("quorum.connection",
                      [this, held = std::move(socket)](env::Fiber& fiber) mutable { serve(fiber, std::move(held)); });
}

void QuorumServer::serve(env::Fiber& self, std::unique_ptr<env::Socket> socket) {
  env::Stream stream(std::move(socket));
  while (true) {
    std::array<std::byte, 4> size;
    if (!stream.read_exactly(self, shard_.clock, size, kForever)) return;
    ByteBuffer frame(static_cast<std::size_t>(load_big_endian<std::int32_t>(size.data())));
    if (!stream.read_exactly(self, shard_.clock, frame, kForever)) return;
    const auto reply = answer(self, frame);
    if (!reply || !stream.write_all(self, shard_.clock, *reply, kForever)) return;
  }
}

Result<ByteBuffer> QuorumServer::answer(env::Fiber& self, Bytes frame) {
  wire::Reader body(frame);
  TRY_ASSIGN(const wire::RequestHeader header, wire::decode_request_header(body));
  const auto pass = [&](auto method) {
    return [this, &self, method](const auto& request, wire::Arena& arena) {
      return (service_.*method)(self, request, arena);
    };
  };
  switch (static_cast<wire::ApiKey>(header.request_api_key)) {
    case wire::ApiKey::api_versions:
      return frame_of(header, versions());
    case wire::ApiKey::vote:
      return serve_as<wire::VoteRequest>(body, header, pass(&Service::vote));
    case wire::ApiKey::begin_quorum_epoch:
      return serve_as<wire::BeginQuorumEpochRequest>(body, header, pass(&Service::begin_quorum_epoch));
    case wire::ApiKey::end_quorum_epoch:
      return serve_as<wire::EndQuorumEpochRequest>(body, header, pass(&Service::end_quorum_epoch));
    case wire::ApiKey::fetch_snapshot:
      return serve_as<wire::FetchSnapshotRequest>(body, header, pass(&Service::fetch_snapshot));
    case wire::ApiKey::add_raft_voter:
      return serve_as<wire::AddRaftVoterRequest>(body, header, pass(&Service::add_raft_voter));
    case wire::ApiKey::remove_raft_voter:
      return serve_as<wire::RemoveRaftVoterRequest>(body, header, pass(&Service::remove_raft_voter));
    case wire::ApiKey::update_raft_voter:
      return serve_as<wire::UpdateRaftVoterRequest>(body, header, pass(&Service::update_raft_voter));
    case wire::ApiKey::describe_quorum:
      return serve_as<wire::DescribeQuorumRequest>(body, header, [this](const auto& request, wire::Arena& arena) {
        return service_.describe_quorum(request, arena);
      });
    case wire::ApiKey::fetch:
      return serve_as<wire::FetchRequest>(body, header, [&](const auto& request, wire::Arena& arena) {
        return service_.fetch(self, request, header.request_api_version, arena);
      });
    default:
      return fail(Errc::unsupported, "an API of no quorum");
  }
}

}  // namespace gregor::quorum

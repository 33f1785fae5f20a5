// Forwarding: a request that the active controller decides goes to it whole, in an Envelope (KIP-590), and its answer
// comes back as it is.
#pragma once

#include "broker/api/request.h"

namespace gregor::broker::api {

/// The controller's answer. Where none answers in time, `decide` answers here, which tells the client that this is no
/// controller, in the form that its API has for that. Suspends.
Result<Reply> forward(env::Fiber& self, Request& request, Handler decide);
/// Another frame in place of the request's own, without its size. Returns the answer's, without its size. Errors: as
/// ControllerLink::forward().
Result<ByteBuffer> forward_frame(env::Fiber& self, Request& request, Bytes frame);

}  // namespace gregor::broker::api

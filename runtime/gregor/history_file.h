// A history on file: what the clients of a run of real brokers did and saw, in the form that simulated runs are judged
// in.
//
// Lines of JSON, one object each. The first is {"gregor_history": 1}, the version of this format; the last is
// {"end": N} with the number of lines between the two, so that a file cut short is told from a run that saw less.
// Between them, in this order of members or any other, with `topic` (text), `partition` and times in microseconds of
// one monotonic clock of the machine:
//
//   {"sent": VALUE, "client", "topic", "partition", "acks", "idempotent", "invoked_us", "completed_us", "outcome",
//    "offset"}
//       A record given to a producer. Each client's stand in the order it sent them, those without an answer too.
//       VALUE, a whole number from 0, is carried by no other record of the run. Outcome: "acknowledged", "refused"
//       (surely not stored) or "unknown"; offset: where it was acknowledged, -1 elsewhere.
//   {"read": VALUE, "client", "topic", "partition", "offset", "at_us", "asked_us"}
//       A record that a reader was shown beside the run, each reader's in the order it saw them. It was shown between
//       asked_us (default 0) and at_us. A reader that begins anew elsewhere is another client.
//   {"final": VALUE, "topic", "partition", "offset", "at_us"}
//       A record that stands at the end, in order of offsets: read once everything was healed.
//   {"log_start": OFFSET, "topic", "partition"}
//       Where a log begins at the end, if not at 0.
//   {"out_of_range": OFFSET, "topic", "partition", "at_us"}
//       A reader was told that there is no such offset.
//   {"loss": CAUSE, "at_us", "certain"}
//       A moment after which earlier records may legally be gone, as a power loss without flushes.
#pragma once

#include <string>

#include "base/result.h"
#include "properties/history.h"

namespace gregor::program {

inline constexpr int kHistoryVersion = 1;

/// Adds what the file tells to `history`; several files of one run make one history. Errors, with the file and its
/// line: not_found, malformed (no object, a member missing or of another kind, an unknown line), invalid (a number
/// outside its range), unsupported (another version), corrupt (no end, or not as many lines as it says).
Result<void> read_history(const std::string& path, properties::History& history);

}  // namespace gregor::program

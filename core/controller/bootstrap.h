// The first records of a new cluster: its finalized features (KIP-778). Pure.
#pragma once

#include "metadata/record_list.h"

namespace gregor::controller {

metadata::RecordList bootstrap_records();

}  // namespace gregor::controller

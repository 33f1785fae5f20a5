// Decision: what a request to the controller comes to: records to commit, and replies to give once they are.
#pragma once

#include <vector>

#include "metadata/record_list.h"

namespace gregor::metadata {

template <class Reply>
struct Decision {
  RecordList records = {};  ///< empty where nothing is to be written
  std::vector<Reply> replies = {};
};

}  // namespace gregor::metadata

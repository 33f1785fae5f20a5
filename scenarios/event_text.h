// One event of a node as half a sentence for people: "appended 3..5 to orders-0 in epoch 2".
#pragma once

#include <string>

#include "observe/event.h"

namespace gregor::scenarios {

std::string sentence_of(const observe::Event& event);

}  // namespace gregor::scenarios

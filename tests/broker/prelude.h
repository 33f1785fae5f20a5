// What nearly every test of the broker includes, compiled once for all of them.
#pragma once

#include <gtest/gtest.h>

#include "tests/broker/support/node_world.h"

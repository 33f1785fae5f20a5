// What many tests of this folder include, compiled once for all of them.
#pragma once

#include <gtest/gtest.h>

#include "sim/world.h"
#include "tests/quorum/support/metadata_home.h"

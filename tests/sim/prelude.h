// What many tests of this folder include, compiled once for all of them.
#pragma once

#include <gtest/gtest.h>

#include "env/clock.h"
#include "sim/world.h"

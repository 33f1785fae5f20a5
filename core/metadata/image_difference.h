// The delta that leads from one image to any other: what a snapshot in the middle of a life changed. Pure.
#pragma once

#include "metadata/delta.h"
#include "metadata/image.h"

namespace gregor::metadata {

/// Names everything that differs between the two, and nothing else but the configs of topics that came or went: those
/// are new things, be their values equal or not. A delta that records gathered may name more: what was changed back.
Delta difference_of(const Image& before, const Image& after);

}  // namespace gregor::metadata

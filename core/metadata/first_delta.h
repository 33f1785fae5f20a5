// The delta that leads from nothing to an image, for who begins to follow late. Pure.
#pragma once

#include "metadata/delta.h"
#include "metadata/image.h"

namespace gregor::metadata {

/// Equal to what Replay gathers over records that make the same image without deleting anything.
Delta first_delta_of(const Image& image);

}  // namespace gregor::metadata

// The image that a decision leads to, for the next decision of the same batch. Pure.
#pragma once

#include "metadata/image.h"
#include "metadata/record_list.h"

namespace gregor::metadata {

/// Requires that the records come from a decision over `image`: they apply.
Image image_after(Image image, const RecordList& records);

}  // namespace gregor::metadata

#include "metadata/image_after.h"

#include "base/check.h"
#include "metadata/delta.h"

namespace gregor::metadata {

Image image_after(Image image, const RecordList& records) {
  Delta delta;
  for (const ByteBuffer& value : records.values()) CHECK(image.apply(value, delta).has_value());
  return image;
}

}  // namespace gregor::metadata

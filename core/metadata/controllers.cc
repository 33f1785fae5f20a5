#include "metadata/controllers.h"

#include "metadata/metadata_version.h"
#include "metadata/registration_record.h"

namespace gregor::metadata {

Result<RecordList> decide_register_controller(const Image& image, const ControllerRegistration& request) {
  if (image.feature_level(kMetadataVersion) < kControllerRegistrationNeeds) {
    return fail(Errc::unsupported, "The current MetadataVersion is too old to support controller registrations.");
  }
  RecordList records;
  const ControllerRegistration* present = image.controllers().find(request.id);
  if (present == nullptr || *present != request) records.add(registration_record_of(request), 0);
  return records;
}

}  // namespace gregor::metadata

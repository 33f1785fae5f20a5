// Client quotas as data (KIP-546, KIP-612): who has which, how they change, and how they are looked for. Of these only
// connection_creation_rate is in force (broker/connection_book.h). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "metadata/decision.h"
#include "metadata/image.h"
#include "wire/error_code.h"

namespace gregor::metadata {

struct QuotaOperation {
  std::string key = {};
  std::optional<double> value = {};  ///< none: removed
};

struct AlterClientQuotas {
  struct Entry {
    std::vector<std::pair<std::string, std::optional<std::string>>> entity = {};  ///< as asked: types may be unknown
    std::vector<QuotaOperation> operations = {};
  };
  std::vector<Entry> entries = {};
  bool validate_only = false;
};

/// One for each distinct entity, in the order of the request.
struct AlteredClientQuotas {
  QuotaEntity entity = {};
  wire::ErrorCode error = {};
  std::optional<std::string> error_message = {};
};

Decision<AlteredClientQuotas> decide_alter_client_quotas(const Image& image, const AlterClientQuotas& request);

struct QuotaFilter {
  struct Component {
    std::string type = {};
    std::int8_t match_type = 0;  ///< 0 this name, 1 the default entity, 2 any name
    std::optional<std::string> match = {};
  };
  std::vector<Component> components = {};
  bool strict = false;  ///< entities with other parts beside those asked for do not fit
};

struct FoundQuotas {
  wire::ErrorCode error = {};
  std::string error_message = {};
  std::vector<std::pair<QuotaEntity, QuotaValues>> entries = {};
};
FoundQuotas find_client_quotas(const Image& image, const QuotaFilter& filter);

}  // namespace gregor::metadata

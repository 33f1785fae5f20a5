// Any bytes as server.properties: they load, or one sentence says why not. What loads can be told again and loads to
// the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "config/broker_fields.h"
#include "config/load.h"
#include "config/table.h"

using namespace gregor;

/// What was loaded, set again as text: the typed values must not change.
static void reload(const config::LoadedBrokerConfig& loaded) {
  const auto again = config::load_broker_config(loaded.assignments, {.tolerate_unknown_config = true});
  CHECK(again.has_value());
  CHECK(again->broker == loaded.broker);
  CHECK(again->assignments.size() == loaded.assignments.size());
}

static void load(std::string_view text, bool tolerate) {
  const auto assignments = config::assignments_of(text, "fuzz");
  if (!assignments) {
    CHECK(!assignments.error().text.empty());
    return;
  }
  const auto loaded = config::load_broker_config(*assignments, {.tolerate_unknown_config = tolerate});
  if (!loaded) {
    CHECK(!loaded.error().text.empty());
    return;
  }
  reload(*loaded);
}

/// The first byte picks: now and then a whole file, mostly the rest as the value of one key. Names that nobody knows
/// are what files are full of, and the search for the one that was meant takes most of the time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  if (bytes[0] % 8 == 0) {
    load(rest, bytes[1] % 2 == 0);
    return 0;
  }
  static const std::vector<const config::Key*> keys = config::all_broker_keys();
  const config::Key& key = *keys[(bytes[0] / 8u * 256u + bytes[1]) % keys.size()];
  const std::vector<config::Assignment> assignments = {{std::string(key.name), std::string(rest), "fuzz"}};
  const auto loaded = config::load_broker_config(assignments);
  if (loaded) reload(*loaded);
  return 0;
}

# Who may include whom. A layer's target sees the headers of the layers named here and of their own dependencies, no others:
# each layer has an include root that holds only itself, so an undeclared include does not compile.
#
# Pure layers are values and decisions: no clock, no disk, no network, no suspension.
gregor_layer(base      PLAIN)
gregor_layer(wire      PLAIN DEPENDS base)                       # protocol as values
gregor_layer(record    DEPENDS base)                       # batches and codecs
gregor_layer(config    PLAIN DEPENDS base)                       # typed tables of settings
gregor_layer(observe   PLAIN DEPENDS base)                       # events, log lines
gregor_layer(replica   DEPENDS base record)                # one partition's rules: producer state, high watermark, epochs
gregor_layer(raft      DEPENDS base)                       # the metadata quorum's decisions
gregor_layer(metadata  DEPENDS base wire config)           # metadata records to image; controller decisions
gregor_layer(group     DEPENDS base wire)                 # classic consumer groups and their offsets

# Drivers perform what pure layers decide, through the seam of env/.
gregor_layer(env       DEPENDS base)                       # the seam: clock, fibers, network, disk, mailbox, entropy
gregor_layer(storage   DEPENDS base env record observe wire)         # segments, indexes, recovery
gregor_layer(partition DEPENDS base env record observe replica storage config)  # a log with its rules and its waiting requests
gregor_layer(coordinator DEPENDS base env wire record config observe replica storage partition group)  # a pure coordinator on a partition
gregor_layer(client    DEPENDS base env wire record)       # producer, consumer, admin
gregor_layer(quorum    DEPENDS base env record observe wire raft storage config client)  # the metadata log's node
gregor_layer(controller DEPENDS base env observe wire metadata quorum config record)  # requests to metadata records
gregor_layer(broker    PRELUDE broker_shard.h DEPENDS base env wire record config observe replica metadata storage partition quorum controller group coordinator client)

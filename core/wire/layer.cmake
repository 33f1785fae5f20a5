# The generator is built first and turns schema/ into <build>/generated/wire: a header for each schema, bundles of functions.
set(wire_bundles 8)
set(wire_out ${CMAKE_BINARY_DIR}/generated/wire)
file(MAKE_DIRECTORY ${wire_out})
file(GLOB wire_generator_sources CONFIGURE_DEPENDS ${folder}/generator/*.cc)
file(GLOB wire_schemas CONFIGURE_DEPENDS ${folder}/schema/*.schema)

add_executable(gregor_wire_generator ${wire_generator_sources})
target_compile_options(gregor_wire_generator PRIVATE -O0)  # it runs for a fifth of a second
set_target_properties(gregor_wire_generator PROPERTIES UNITY_BUILD OFF)

set(wire_headers ${wire_out}/api_keys.h)
foreach(schema IN LISTS wire_schemas)
  get_filename_component(stem ${schema} NAME_WE)
  string(REGEX REPLACE "^[0-9][0-9]_" "" stem ${stem})
  list(APPEND wire_headers ${wire_out}/${stem}.h)
endforeach()
set(generated ${wire_out}/messages.cc)
set_source_files_properties(${wire_out}/messages.cc PROPERTIES COMPILE_OPTIONS -O0 SKIP_PRECOMPILE_HEADERS ON)  # a row a message, for tools and tests
math(EXPR wire_last_bundle "${wire_bundles} - 1")
foreach(bundle RANGE ${wire_last_bundle})
  list(APPEND generated ${wire_out}/codec_${bundle}.cc ${wire_out}/json_${bundle}.cc)
  # JSON and random instances serve dumps and tests: compiling them fast matters more than running them fast.
  set_source_files_properties(${wire_out}/json_${bundle}.cc PROPERTIES COMPILE_OPTIONS -O0 SKIP_PRECOMPILE_HEADERS ON)
endforeach()

if(GREGOR_SANITIZE)
  # A fifth of their time; what sanitizers report names the function. One by one they are done sooner than a dozen as one.
  set_property(SOURCE ${generated} APPEND PROPERTY COMPILE_OPTIONS -g0)
else()
  # Large enough each: g++ takes longer to optimise several as one.
  set_source_files_properties(${generated} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endif()

add_custom_command(
  OUTPUT ${wire_headers} ${generated}
  COMMAND gregor_wire_generator ${folder}/schema ${wire_out} ${wire_bundles}
  DEPENDS gregor_wire_generator ${wire_schemas}
  COMMENT "Generating the wire layer from ${folder}/schema")
list(APPEND generated ${wire_headers})
set(generated_includes ${CMAKE_BINARY_DIR}/generated)

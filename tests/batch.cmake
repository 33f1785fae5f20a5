# Writes one source out of several test files: most of the time that a test takes to build goes into what it includes. Each file
# keeps a namespace of its own, named after it, in place of its unnamed one: files may share names, and messages name the file.
# cmake -DOUT=FILE -DSOURCES=A,B,... -P batch.cmake
string(REPLACE "," ";" SOURCES "${SOURCES}")
set(all "")
foreach(source IN LISTS SOURCES)
  file(READ ${source} text)
  get_filename_component(name ${source} NAME_WE)
  string(FIND "${text}" "\nnamespace {\n" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "${source} keeps nothing in an unnamed namespace: the tests of a folder are built several at a time")
  endif()
  string(REPLACE "\nnamespace {\n" "\nnamespace in_${name} {\n" text "${text}")
  string(APPEND all "#line 1 \"${source}\"\n${text}\n")
endforeach()
file(WRITE ${OUT} "${all}")

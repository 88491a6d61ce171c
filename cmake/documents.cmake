# The man pages and the completions, made by the program itself of its tables.
set(documents)
function(igudar_document what file)
  cmake_parse_arguments(ARG "" "LANGUAGE;DESTINATION" "" ${ARGN})
  set(output ${PROJECT_BINARY_DIR}/documents/${file})
  get_filename_component(folder ${output} DIRECTORY)
  set(environment LC_ALL=C.UTF-8 LANGUAGE=${ARG_LANGUAGE})
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${CMAKE_COMMAND} -E env ${environment} $<TARGET_FILE:igudar> generate ${what} > ${output}
    DEPENDS igudar translations COMMENT "Document ${file}" VERBATIM)
  install(FILES ${output} DESTINATION ${ARG_DESTINATION})
  set(documents ${documents} ${output} PARENT_SCOPE)
endfunction()

igudar_document(man man1/igudar.1 LANGUAGE en DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
igudar_document(man fr/man1/igudar.1 LANGUAGE fr DESTINATION ${CMAKE_INSTALL_MANDIR}/fr/man1)
igudar_document(bash bash/igudar LANGUAGE en DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
igudar_document(zsh zsh/_igudar LANGUAGE en DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
igudar_document(fish fish/igudar.fish LANGUAGE en DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
add_custom_target(documents ALL DEPENDS ${documents})

if(IGUDAR_TREE_TESTS)
  add_test(NAME documents
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/generate/check_documents ${PROJECT_BINARY_DIR}/documents $<TARGET_FILE:igudar>)
endif()

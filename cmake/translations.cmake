# The catalogues: po/LANGUAGE.po becomes locale/LANGUAGE/LC_MESSAGES/igudar.mo in the build folder, where the program finds
# it, and share/locale/… when installed. tools/update_translations refreshes the .pot and .po files.
find_program(MSGFMT msgfmt REQUIRED)

set(catalogues)
file(GLOB languages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/po/*.po)
foreach(po ${languages})
  get_filename_component(language ${po} NAME_WE)
  set(mo ${PROJECT_BINARY_DIR}/locale/${language}/LC_MESSAGES/igudar.mo)
  add_custom_command(OUTPUT ${mo}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/locale/${language}/LC_MESSAGES
    COMMAND ${MSGFMT} --check-header --check-domain -o ${mo} ${po}
    DEPENDS ${po} COMMENT "Catalogue ${language}" VERBATIM)
  list(APPEND catalogues ${mo})
  install(FILES ${mo} DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES)
endforeach()
add_custom_target(translations ALL DEPENDS ${catalogues})

if(IGUDAR_TREE_TESTS)
  add_test(NAME translations COMMAND ${PROJECT_SOURCE_DIR}/tools/update_translations --check)
endif()

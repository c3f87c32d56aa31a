include(CMakeFindDependencyMacro)
find_dependency(Threads)  # of the testing kit
include("${CMAKE_CURRENT_LIST_DIR}/DriftstackSDKTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/DriftstackPlugin.cmake")

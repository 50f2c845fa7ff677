// Only a place for the precompiled header of the test programs; see CMakeLists.txt.

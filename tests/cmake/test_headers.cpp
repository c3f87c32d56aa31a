// Holds nothing: the precompiled header of the test programs belongs to the library that this file is in.

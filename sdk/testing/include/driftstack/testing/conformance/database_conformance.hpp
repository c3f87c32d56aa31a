#pragma once
// The conformance suite of the Database role. Include it in one source file of a Catch2 program that contains the plugin and defines
// driftstack::testing::make_database_store(); see tests/unit/plugins/database_sqlite.

#include "driftstack/testing/conformance/database_values.hpp"

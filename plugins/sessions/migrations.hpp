#pragma once

#include "driftstack/roles/database.hpp"

namespace driftstack::sessions {

// A released step never changes: add the next one.
inline constexpr db::Migration kMigrations[] = {
    {1, "sessions",
     "CREATE TABLE sessions ("
     "  id text PRIMARY KEY,"
     "  account_id text NOT NULL,"
     "  api_key_id text,"
     "  node text NOT NULL,"
     "  status text NOT NULL CONSTRAINT sessions_status_known CHECK (status IN ('creating', 'ready', 'destroyed', 'errored')),"
     "  archetype text NOT NULL,"
     "  label text,"
     "  metadata text,"
     "  end_reason text,"
     "  created_at bigint NOT NULL,"
     "  updated_at bigint NOT NULL,"
     "  last_state_at bigint,"
     "  destroyed_at bigint);"
     "CREATE INDEX sessions_account_created ON sessions (account_id, created_at DESC, id DESC);"
     "CREATE INDEX sessions_account_status ON sessions (account_id, status, created_at DESC, id DESC);"
     "CREATE INDEX sessions_destroyed ON sessions (destroyed_at);"},
};

}  // namespace driftstack::sessions

#pragma once
// The tables of this plugin. A released step never changes; a new one is added at the end.

#include <array>

#include "driftstack/roles/database.hpp"

namespace driftstack::audit {

inline constexpr std::array kMigrations = {
    db::Migration{1, "entries and heads", R"sql(
CREATE TABLE audit_entries (
  account_id text NOT NULL,
  sequence bigint NOT NULL,
  id text NOT NULL,
  actor_type text NOT NULL,
  actor_account text,
  actor_key text,
  action text NOT NULL,
  target text,
  payload text,
  ip_address text,
  user_agent text,
  created_at bigint NOT NULL,
  link text NOT NULL,
  PRIMARY KEY (account_id, sequence)
);
CREATE INDEX audit_entries_newest ON audit_entries (account_id, created_at DESC, id DESC);
CREATE INDEX audit_entries_action ON audit_entries (account_id, action, created_at DESC, id DESC);
CREATE INDEX audit_entries_target ON audit_entries (account_id, target, created_at DESC, id DESC);

CREATE TABLE audit_heads (
  account_id text NOT NULL PRIMARY KEY,
  entries bigint NOT NULL,
  link text NOT NULL,
  seal text NOT NULL
)
)sql"},
};

}  // namespace driftstack::audit

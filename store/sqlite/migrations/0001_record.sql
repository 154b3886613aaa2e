-- The record's tables. Keys are store.Key: patient, type, sequence.

CREATE TABLE symbol (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- The current version of each resource.
CREATE TABLE resource (
  key     INTEGER PRIMARY KEY,
  hash    INTEGER NOT NULL,
  id      TEXT    NOT NULL,
  version INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  org     INTEGER NOT NULL,
  labels  INTEGER NOT NULL,
  action  INTEGER NOT NULL,
  change  INTEGER NOT NULL,
  body    BLOB    NOT NULL
);
CREATE UNIQUE INDEX resource_hash ON resource (hash);
CREATE INDEX resource_type ON resource ((key >> 24) & 255);

-- Superseded versions and deletions.
CREATE TABLE history (
  hash    INTEGER NOT NULL,
  version INTEGER NOT NULL,
  key     INTEGER NOT NULL,
  id      TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  org     INTEGER NOT NULL,
  labels  INTEGER NOT NULL,
  action  INTEGER NOT NULL,
  change  INTEGER NOT NULL,
  body    BLOB    NOT NULL,
  PRIMARY KEY (hash, version)
) WITHOUT ROWID;

-- What happened, in order: the outbox that every reader of changes tails by number.
CREATE TABLE change (
  seq     INTEGER PRIMARY KEY,
  key     INTEGER NOT NULL,
  hash    INTEGER NOT NULL,
  version INTEGER NOT NULL,
  action  INTEGER NOT NULL,
  at      INTEGER NOT NULL
);

-- What searches find resources by.
CREATE TABLE ix_token (
  atom INTEGER NOT NULL, code INTEGER NOT NULL, key INTEGER NOT NULL, system INTEGER NOT NULL,
  PRIMARY KEY (atom, code, key, system)
) WITHOUT ROWID;
CREATE TABLE ix_ref (
  atom INTEGER NOT NULL, target INTEGER NOT NULL, key INTEGER NOT NULL,
  PRIMARY KEY (atom, target, key)
) WITHOUT ROWID;
CREATE TABLE ix_date (
  atom INTEGER NOT NULL, key INTEGER NOT NULL, lo INTEGER NOT NULL, hi INTEGER NOT NULL,
  PRIMARY KEY (atom, key, lo, hi)
) WITHOUT ROWID;
CREATE INDEX ix_date_lo ON ix_date (atom, lo, hi);
CREATE TABLE ix_text (
  atom INTEGER NOT NULL, key INTEGER NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (atom, key, value)
) WITHOUT ROWID;
CREATE INDEX ix_text_value ON ix_text (atom, value);
CREATE TABLE ix_amount (
  atom INTEGER NOT NULL, key INTEGER NOT NULL, value REAL NOT NULL, unit INTEGER NOT NULL,
  PRIMARY KEY (atom, key, value, unit)
) WITHOUT ROWID;
CREATE INDEX ix_amount_value ON ix_amount (atom, value, unit);

CREATE TABLE audit (
  lane INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
  prev BLOB NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (lane, seq)
) WITHOUT ROWID;

CREATE TABLE patient_key (patient INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE secret (space TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, name)) WITHOUT ROWID;
CREATE TABLE blob (name TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, uniq TEXT NOT NULL, payload BLOB NOT NULL,
  due INTEGER NOT NULL, attempts INTEGER NOT NULL, leased INTEGER NOT NULL
);
CREATE INDEX job_due ON job (kind, due);
CREATE UNIQUE INDEX job_unique ON job (kind, uniq) WHERE uniq <> '';

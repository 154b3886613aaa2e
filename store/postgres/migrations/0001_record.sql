-- The record's tables. Keys are store.Key: patient, type, sequence. Index tables carry the key last, so
-- that a lookup within one patient is a range within a range.

CREATE TABLE symbol (
  no   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);

-- Numbers that only grow: 'patient' is the highest patient number given out, 'change base' is added to
-- what transaction numbers give, so that the change log grows on after a move to another server.
CREATE TABLE counter (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counter (name, value) VALUES ('patient', 0), ('change base', 0);

-- The next free sequence of each patient and type; servers take them in blocks.
CREATE TABLE sequence (
  patient bigint   NOT NULL,
  type    smallint NOT NULL,
  next    bigint   NOT NULL,
  PRIMARY KEY (patient, type)
) WITH (fillfactor = 70);

-- The current version of each resource.
CREATE TABLE resource (
  key     bigint   NOT NULL PRIMARY KEY,
  hash    bigint   NOT NULL,
  version bigint   NOT NULL,
  at      bigint   NOT NULL,
  org     bigint   NOT NULL,
  labels  bigint   NOT NULL,
  change  bigint   NOT NULL,
  action  smallint NOT NULL,
  id      text COLLATE "C" NOT NULL,
  body    bytea    NOT NULL
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX resource_hash ON resource (hash);
CREATE INDEX resource_type ON resource (((key >> 24) & 255), key);

-- Superseded versions and deletions.
CREATE TABLE history (
  hash    bigint   NOT NULL,
  version bigint   NOT NULL,
  key     bigint   NOT NULL,
  at      bigint   NOT NULL,
  org     bigint   NOT NULL,
  labels  bigint   NOT NULL,
  change  bigint   NOT NULL,
  action  smallint NOT NULL,
  id      text COLLATE "C" NOT NULL,
  body    bytea    NOT NULL,
  PRIMARY KEY (hash, version)
);

-- Bodies are compressed and sealed: trying to compress them again only costs.
ALTER TABLE resource ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE history  ALTER COLUMN body SET STORAGE EXTERNAL;

-- What happened, in order: the outbox that every reader of changes tails by number.
CREATE TABLE change (
  seq     bigint   NOT NULL PRIMARY KEY,
  key     bigint   NOT NULL,
  hash    bigint   NOT NULL,
  version bigint   NOT NULL,
  at      bigint   NOT NULL,
  action  smallint NOT NULL
);

-- What searches find resources by.
CREATE TABLE ix_token (
  code bigint NOT NULL, key bigint NOT NULL, system bigint NOT NULL, atom integer NOT NULL,
  PRIMARY KEY (atom, code, key, system)
);
CREATE TABLE ix_ref (
  target bigint NOT NULL, key bigint NOT NULL, atom integer NOT NULL,
  PRIMARY KEY (atom, target, key)
);
CREATE TABLE ix_date (
  key bigint NOT NULL, lo bigint NOT NULL, hi bigint NOT NULL, atom integer NOT NULL,
  PRIMARY KEY (atom, key, lo, hi)
);
CREATE INDEX ix_date_lo ON ix_date (atom, lo, hi);
CREATE TABLE ix_text (
  key bigint NOT NULL, atom integer NOT NULL, value text COLLATE "C" NOT NULL,
  PRIMARY KEY (atom, key, value)
);
CREATE INDEX ix_text_value ON ix_text (atom, value);
CREATE TABLE ix_amount (
  key bigint NOT NULL, value float8 NOT NULL, unit bigint NOT NULL, atom integer NOT NULL,
  PRIMARY KEY (atom, key, value, unit)
);
CREATE INDEX ix_amount_value ON ix_amount (atom, value, unit);

CREATE TABLE audit (
  lane bigint NOT NULL, seq bigint NOT NULL, at bigint NOT NULL,
  prev bytea NOT NULL, hash bytea NOT NULL, body bytea NOT NULL,
  PRIMARY KEY (lane, seq)
);
ALTER TABLE audit ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE patient_key (patient bigint PRIMARY KEY, wrapped bytea NOT NULL);
CREATE TABLE secret (
  space text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value bytea NOT NULL,
  PRIMARY KEY (space, name)
);
CREATE TABLE blob (name text COLLATE "C" PRIMARY KEY, data bytea NOT NULL);
ALTER TABLE blob ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE job (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind     text   COLLATE "C" NOT NULL,
  uniq     text   COLLATE "C" NOT NULL,
  payload  bytea  NOT NULL,
  due      bigint NOT NULL,
  attempts bigint NOT NULL,
  leased   bigint NOT NULL
);
CREATE INDEX job_due ON job (kind, due);
CREATE UNIQUE INDEX job_unique ON job (kind, uniq) WHERE uniq <> '';

-- Ends the transaction with a conflict of its own kind unless as many rows were found as were expected.
CREATE FUNCTION expect_rows(got bigint, wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF got <> wanted THEN
    RAISE EXCEPTION 'version conflict' USING ERRCODE = 'OS409';
  END IF;
  RETURN got;
END $$;

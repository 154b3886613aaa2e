-- The newest of a patient's record is read without the rest of it.
CREATE INDEX ix_date_patient ON ix_date (atom, (key >> 32), lo, key, hi);

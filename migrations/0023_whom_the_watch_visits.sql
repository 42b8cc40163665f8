-- Where jobs that go round have come to, by their names: JSON.
CREATE TABLE cron_positions (
  name TEXT PRIMARY KEY,
  position TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which organizations had something copied on a day (days since 1970): whom the watch over ledgers visits first.
CREATE TABLE active_organizations (
  day INTEGER NOT NULL,
  organization_id TEXT NOT NULL,
  PRIMARY KEY (day, organization_id)
) STRICT, WITHOUT ROWID;

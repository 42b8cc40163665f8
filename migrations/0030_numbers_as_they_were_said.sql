-- Numbers stand in one form; these say how they were dialled where that differs, null of calls from before this was kept.
ALTER TABLE calls ADD COLUMN from_dialled TEXT;
ALTER TABLE calls ADD COLUMN to_dialled TEXT;

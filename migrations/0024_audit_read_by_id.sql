-- Pages of the audit go by id: nothing reads this one.
DROP INDEX IF EXISTS audit_of_organization;

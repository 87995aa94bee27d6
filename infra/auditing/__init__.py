"""The auditor's package: a part of the log as files, to be read and checked without us."""

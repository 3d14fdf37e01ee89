"""The trail: who did what, to which record, for which patient, when and why; added to and never changed."""

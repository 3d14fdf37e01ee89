"""From a patient-month and its code proposal to a claim and its service lines."""

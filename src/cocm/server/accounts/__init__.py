"""People and places: organizations, sites, staff, sign-ins and memberships, payers and charges."""

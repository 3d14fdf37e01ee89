"""DATA ONLY: what CMS, CPT, states and payers say. Read it through `cocm.rules`."""

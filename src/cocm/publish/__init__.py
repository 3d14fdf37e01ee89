"""What a plan hands out: policy pages, the data request, evidence for a regulator, scorecards, payer performance."""

"""The practice's work after the claim, on files and the embedded state: post, follow, explain, write, settle."""

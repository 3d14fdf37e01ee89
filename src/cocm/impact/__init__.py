"""What a change of the rules does to decisions: which ones turn, and which dated value turned them."""

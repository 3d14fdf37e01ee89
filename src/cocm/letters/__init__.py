"""Letters: the sheet with what is and is not on file, its words, and the files it is written as."""

"""Publishers' reference files as they are downloaded: read, reduced to facts, and compared with our tables."""

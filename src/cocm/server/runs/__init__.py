"""Work that takes longer than a page: runs with their progress, taken up again where a worker was lost."""

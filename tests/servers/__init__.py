"""Real PostgreSQL, Redis and S3 for tests: on free loopback ports, in temporary folders, gone afterwards."""

"""What Benchmarks/run is made of: it builds, repeats, collects, compares and draws. It measures nothing itself."""

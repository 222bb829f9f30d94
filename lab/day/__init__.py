"""`scripts/demo --schedule`: days of a GPUSchedule, played in a minute each and judged from RunPod's ledger."""

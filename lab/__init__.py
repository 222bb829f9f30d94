"""The laboratory's Python side: it starts a world around an operator and judges it from outside.

Nothing here looks into an operator. What is measured comes from the API server (watch and audit log), from Redis, from
/proc and from the files that worker processes wrote. Only the standard library is needed.
"""

"""What is measured, one module a scenario. Each gives its figures; those that have a bound say whether it was met."""

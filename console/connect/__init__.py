"""/connect/: real accounts, their agents, and what stands in the way. For those who may change accounts."""

"""Speed claims, measured: `python -m benchmarks [NAME…] [--json]`, each against a plain script in the same run."""

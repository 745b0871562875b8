"""What the suite itself costs; figures to compare in one run, never to assert."""

"""What the suite's own tests need from pytest."""

pytest_plugins = ["pytester"]

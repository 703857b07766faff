"""`python -m api.cli`: the same as `copi`."""

from api.cli import main

main()

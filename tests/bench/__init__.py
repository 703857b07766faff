"""`make bench`: the service beside its like, measured in one run over the same facts."""

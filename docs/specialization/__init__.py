"""Which heads tasks need, whether tasks dissociate, and training of the important heads alone."""

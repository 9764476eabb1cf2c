"""How fast Citewire is, as ratios within one run: `make bench`."""

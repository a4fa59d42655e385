"""Each attack of docs/security.md comes through where its defence is turned off: `make attacks`."""

"""Adapters: one folder per vendor's format. They see the contract, the model and the XML room."""

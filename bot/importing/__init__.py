"""The office's data comes in here: files in, one import, all or nothing (docs/registry.md)."""

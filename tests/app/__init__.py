"""Tests of the app over HTTP with a dialogue server of our own making: quick, and unkind."""
